// Credentials, in the form that each shell wants.
import type { Shell } from '../../aws/credential-formats.ts';
import { exportLines, shells } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/issue-credentials.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { type Html, html } from '../html.ts';
import type { Messages } from '../messages/en.ts';
import { type PageFrame, renderPage } from './layout.ts';
import { duration } from './portal-page.ts';

export function credentialsPage(frame: PageFrame, session: SignedInSession, issued: IssuedCredentials): string {
  const { text } = frame;
  const { role, credentials } = issued;
  const until = credentials.expiration.toISOString();
  return renderPage(frame, {
    title: text.credentialsTitle(role.roleName, role.account.name),
    person: session.identity,
    body: html`<h1>${text.credentialsTitle(role.roleName, role.account.name)}</h1>
<p>${text.credentialsLast(duration(issued.durationSeconds, text), text.limitedBy[issued.durationLimitedBy])}
<time datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time>. ${text.credentialsCare}</p>
${shells.map((shell) => block(shell, exportLines(shell, credentials, role.region), text))}
<p><a href="/">${text.backToAccounts}</a></p>`,
  });
}

function block(shell: Shell, lines: string, text: Messages): Html {
  const id = `lines-${shell}`;
  return html`<details ${shell === 'bash' && html`open`}><summary>${text.shells[shell]}</summary>
<div class="lines"><pre id="${id}" tabindex="0" aria-label="${text.linesFor(text.shells[shell])}">${lines}</pre>
<button type="button" class="copy" data-copy="${id}" data-copied="${text.copied}" hidden>${text.copy}</button></div>
</details>`;
}
