// Credentials in the form that each shell wants, and the way to new ones. All of it is there without a script;
// assets/credentials.js makes tabs, copies, counts down and renews in place.

import {
  credentialPieces,
  processProfilePieces,
  profileName,
  type Shell,
  shells,
} from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/credentials/credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { commandLineWord } from '../../wire/role-arn.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { loginUrl } from '../page/return-to.ts';
import { isProductionName } from '../portal/production.ts';
import { duration } from '../portal/role-row.ts';
import { resumePath } from '../sign-in/resume.ts';
import { stepUpUrl } from '../sign-in/step-up.ts';
import { clamped, copyLines, scriptTexts, shellBlock, shellBlocks } from './credential-lines.ts';
import { type FormView, renewForm } from './credentials-form.ts';

export interface CredentialsView extends FormView {
  readonly issued: IssuedCredentials;
  readonly now: Date;
  /** The broker's own address. */
  readonly baseUrl: string;
}

export function credentialsPage(frame: PageContext, session: SignedInSession, view: CredentialsView): string {
  const { text } = frame;
  const { role } = view.issued;
  const title = text.credentials.title(role.roleName, role.account.name);
  return renderPage(frame, {
    title,
    person: session.identity,
    assets: 'credentials',
    body: html`<article class="credentials" ${isProductionName(role.account.environment) && html`data-production`} ${forScript(view, text)}>
<h1>${title}</h1>
${facts(view, text)}
<p class="muted">${text.credentials.care}</p>
<p id="notice" class="message" role="status"></p>
<div id="problem" class="message problem" role="alert"></div>
${shellsOf(view, text)}
${renewForm([role], false, view, text)}
<p><a href="/">${text.page.backToAccounts}</a></p>
</article>`,
  });
}

function facts({ issued, asked, sessionPolicies }: CredentialsView, text: Messages): Html {
  const { role, credentials, durationSeconds, durationLimitedBy } = issued;
  const until = credentials.expiration.toISOString();
  const length = duration(durationSeconds, text);
  const policy = sessionPolicies.find(({ id }) => id === asked.sessionPolicy);
  return html`<p class="muted place">${role.account.alias} · <code>${role.account.id}</code> · ${role.region}
${role.account.environment !== undefined && html`· <strong>${role.account.environment}</strong>`}</p>
<dl class="facts">
<div><dt>${text.credentials.until}</dt>
<dd><time id="until" datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time> <span id="left" role="timer"></span></dd></div>
<div><dt>${text.credentials.length}</dt>
<dd id="length">${text.credentials.lengthWhy(length, text.credentials.limitedBy[durationLimitedBy])}</dd></div>
</dl>
<p id="clamped">${clamped(issued, asked.durationSeconds, text)}</p>
<p id="limited">${policy && text.credentials.limited(policy.label)}</p>`;
}

function shellsOf({ issued, baseUrl }: CredentialsView, text: Messages): Html {
  const { credentials, role } = issued;
  const names = { region: role.region, profile: profileName(role.account.alias, role.roleName) };
  const blockOf = (shell: Shell) => {
    const isInteractive = shell === 'bash' || shell === 'fish';
    const content = html`${shell === 'profile' && profileField('profile', names.profile, text)}
${copyLines(`lines-${shell}`, shell, credentialPieces(shell, credentials, names), text)}
${isInteractive && html`<p class="muted">${text.credentials.history}</p>`}`;
    return shellBlock(shell, shell === 'bash', content, text);
  };
  // The profile that runs the command comes after the one with keys: it needs no copying again.
  const roleWord = commandLineWord(role.roleArn);
  const config = html`<p class="muted">${text.credentials.configText} <a href="/cli">${text.credentials.configInstall}</a> <code>rolegate init ${baseUrl}</code></p>
${profileField('profile-config', names.profile, text)}
${copyLines('lines-config', 'config', processProfilePieces(roleWord ?? '', baseUrl, names), text)}
<p class="muted">${text.credentials.configAll} <code>rolegate profiles sync</code></p>`;
  const blocks = shells.flatMap((shell) =>
    shell === 'profile' && roleWord !== undefined
      ? [blockOf(shell), shellBlock('config', false, config, text)]
      : [blockOf(shell)],
  );
  return shellBlocks(blocks, text);
}

/** Hidden until the script is there: only it can change the lines. */
function profileField(id: string, profile: string, text: Messages): Html {
  return html`<p class="profile-field" hidden><label for="${id}">${text.credentials.profileLabel}</label>
<input id="${id}" value="${profile}" maxlength="128" pattern="[A-Za-z0-9_.@+\\-]+" required autocomplete="off" spellcheck="false" aria-describedby="${id}-hint">
<span id="${id}-hint" class="muted">${text.credentials.profileHint}</span></p>`;
}

/** What the script needs: texts with places to fill, and where a sign-in leads back from. */
function forScript({ issued, now }: CredentialsView, text: Messages): Html {
  const { role, credentials } = issued;
  const facts = {
    leftMs: credentials.expiration.getTime() - now.getTime(),
    maxSeconds: role.maxDurationSeconds,
    // The script adds what was chosen since.
    signInUrl: loginUrl(resumePath('credentials', [role.roleArn])),
    stepUpUrl: stepUpUrl(role, 'credentials'),
    text: scriptTexts(text),
  };
  return html`data-facts="${JSON.stringify(facts)}"`;
}
