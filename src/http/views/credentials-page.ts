// Credentials, in the form that each shell wants.
import type { Shell } from '../../aws/credential-formats.ts';
import { exportLines, shells } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/issue-credentials.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { type Html, html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';
import { duration } from './portal-page.ts';

const titles: Readonly<Record<Shell, string>> = {
  bash: 'bash and zsh',
  fish: 'fish',
  powershell: 'PowerShell',
  cmd: 'Windows command prompt',
  env: '.env file',
  profile: '~/.aws/credentials',
};

const limits: Readonly<Record<IssuedCredentials['durationLimitedBy'], string>> = {
  request: 'as you asked',
  rule: 'what the rule allows',
  role: "the role's own maximum",
};

export function credentialsPage(frame: PageFrame, session: SignedInSession, issued: IssuedCredentials): string {
  const { role, credentials } = issued;
  const until = credentials.expiration.toISOString();
  return renderPage(frame, {
    title: `Credentials for ${role.roleName}`,
    person: session.identity,
    body: html`<h1>Credentials for ${role.roleName} in ${role.account.name}</h1>
<p>They last ${duration(issued.durationSeconds)} (${limits[issued.durationLimitedBy]}), until
<time datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time>.
Whoever has them can act as you until then.</p>
${shells.map((shell) => block(shell, exportLines(shell, credentials, role.region)))}
<p><a href="/">Back to your accounts</a></p>`,
  });
}

function block(shell: Shell, lines: string): Html {
  const id = `lines-${shell}`;
  return html`<details ${shell === 'bash' && html`open`}><summary>${titles[shell]}</summary>
<div class="lines"><pre id="${id}" tabindex="0" aria-label="Lines for ${titles[shell]}">${lines}</pre>
<button type="button" class="copy" data-copy="${id}" hidden>Copy</button></div>
</details>`;
}
