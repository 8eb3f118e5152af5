// Credentials in the form that each shell wants, and the way to new ones. All of it is there without a script;
// assets/credentials.js makes tabs, copies, counts down and renews in place.

import {
  credentialPieces,
  type Piece,
  type Place,
  processProfilePieces,
  profileName,
  type Shell,
  shells,
} from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/credentials/issue-credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';
import { duration, isProduction } from '../portal/role-row.ts';
import { type AskedFor, resumePath } from '../sign-in/resume.ts';
import { loginUrl } from '../sign-in/return-to.ts';
import { stepUpUrl } from '../sign-in/step-up.ts';
import { renewForm } from './credentials-form.ts';
import type { SessionPolicy } from './session-policy.ts';

export interface CredentialsView {
  readonly issued: IssuedCredentials;
  readonly asked: AskedFor;
  /** What may be chosen in a form. */
  readonly sessionPolicies: readonly SessionPolicy[];
  readonly now: Date;
  /** The broker's own address. */
  readonly baseUrl: string;
}

export function credentialsPage(frame: PageFrame, session: SignedInSession, view: CredentialsView): string {
  const { text } = frame;
  const { role } = view.issued;
  const title = text.credentialsTitle(role.roleName, role.account.name);
  return renderPage(frame, {
    title,
    person: session.identity,
    assets: 'credentials',
    body: html`<article class="credentials" ${isProduction(role.account.environment) && html`data-production`} ${forScript(view, text)}>
<h1>${title}</h1>
${facts(view, text)}
<p class="muted">${text.credentialsCare}</p>
<p id="notice" class="message" role="status"></p>
<div id="problem" class="message problem" role="alert"></div>
${forms(view, text)}
${renewForm(view, text)}
<p><a href="/">${text.backToAccounts}</a></p>
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
<div><dt>${text.credentialsUntil}</dt>
<dd><time id="until" datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time> <span id="left" role="timer"></span></dd></div>
<div><dt>${text.credentialsLength}</dt>
<dd id="length">${text.credentialsLengthWhy(length, text.limitedBy[durationLimitedBy])}</dd></div>
</dl>
<p id="clamped">${clamped(issued, asked.durationSeconds, text)}</p>
<p id="limited">${policy && text.credentialsLimited(policy.label)}</p>`;
}

/** Why they are shorter than asked for, if they are. */
export function clamped(
  issued: IssuedCredentials,
  askedSeconds: number | undefined,
  text: Messages,
): string | undefined {
  const { role, durationSeconds, durationLimitedBy } = issued;
  const asked = askedSeconds ?? role.maxDurationSeconds;
  if (asked <= durationSeconds || durationLimitedBy === 'request') return undefined;
  return text.credentialsClamped[durationLimitedBy](duration(asked, text), duration(durationSeconds, text));
}

function forms({ issued, baseUrl }: CredentialsView, text: Messages): Html {
  const { credentials, role } = issued;
  const place = { region: role.region, profile: profileName(role.account.alias, role.roleName) };
  return html`<h2 id="forms">${text.credentialsForms}</h2>
<p><label><input type="checkbox" id="reveal" autocomplete="off"> ${text.credentialsShow}</label></p>
<div id="shells">
${shells.flatMap((shell) => [
  block(shell, credentialPieces(shell, credentials, place), place.profile, text),
  ...(shell === 'profile' ? [configBlock(role.roleArn, baseUrl, place, text)] : []),
])}
</div>`;
}

function block(shell: Shell, pieces: readonly Piece[], profile: string, text: Messages): Html {
  const name = text.shells[shell];
  const id = `lines-${shell}`;
  return html`<details data-shell="${shell}" ${shell === 'bash' && html`open`}><summary>${name}</summary>
${shell === 'profile' && profileField('profile', profile, text)}
${lines(id, name, pieces, text)}
${(shell === 'bash' || shell === 'fish') && html`<p class="muted">${text.credentialsHistory}</p>`}
</details>`;
}

/** The way that needs no copying again: a profile that has no keys. */
function configBlock(roleArn: string, baseUrl: string, place: Place, text: Messages): Html {
  const name = text.shells.config;
  return html`<details data-shell="config"><summary>${name}</summary>
<p class="muted">${text.configText} <a href="/cli">${text.configInstall}</a> <code>rolegate init ${baseUrl}</code></p>
${profileField('profile-config', place.profile, text)}
${lines('lines-config', name, processProfilePieces(roleArn, baseUrl, place), text)}
<p class="muted">${text.configAll} <code>rolegate profiles sync</code></p>
</details>`;
}

function lines(id: string, name: string, pieces: readonly Piece[], text: Messages): Html {
  return html`<div class="lines"><pre id="${id}" tabindex="0" role="group" aria-label="${text.linesFor(name)}">${pieces.map(toHtml)}</pre>
<button type="button" class="copy" data-lines="${id}" data-done="${text.credentialsCopied(name)}" hidden>${text.copy}</button></div>`;
}

/** Secrets in an element of their own: the style sheet shows dots in their place until the box is ticked. */
export function toHtml({ text, slot }: Piece): Html {
  if (slot === undefined) return html`${text}`;
  const value = html`<span data-slot="${slot}">${text}</span>`;
  return slot === 'secretAccessKey' || slot === 'sessionToken' ? html`<span class="secret">${value}</span>` : value;
}

/** Only a script can change the lines: without one, nobody is offered a name that has no effect. */
function profileField(id: string, profile: string, text: Messages): Html {
  return html`<p class="profile-field" hidden><label for="${id}">${text.profileLabel}</label>
<input id="${id}" value="${profile}" maxlength="128" pattern="[A-Za-z0-9_.@+\\-]+" required autocomplete="off" spellcheck="false" aria-describedby="${id}-hint">
<span id="${id}-hint" class="muted">${text.profileHint}</span></p>`;
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

/** The sentences that scripts fill in. */
export function scriptTexts(text: Messages) {
  const counted = (write: (count: number) => string) => write(0).replace('0', '{0}');
  return {
    hours: counted(text.hours),
    minutes: counted(text.minutes),
    seconds: counted(text.seconds),
    left: text.credentialsLeft('{0}'),
    endSoon: text.credentialsEndSoon('{0}'),
    ended: text.credentialsEnded,
    endedMark: text.credentialsEndedMark,
    until: text.durationUntil('{0}'),
    lengthWhy: text.credentialsLengthWhy('{0}', '{1}'),
    limitedBy: text.limitedBy,
    clamped: {
      rule: text.credentialsClamped.rule('{0}', '{1}'),
      role: text.credentialsClamped.role('{0}', '{1}'),
      chaining: text.credentialsClamped.chaining('{0}', '{1}'),
      session: text.credentialsClamped.session('{0}', '{1}'),
    },
    limited: text.credentialsLimited('{0}'),
    copied: text.copied,
    copyFailed: text.credentialsCopyFailed,
    renewing: text.renewing,
    renewed: text.renewed('{0}'),
    signInAgain: text.signInAgain,
    requestId: text.requestId,
    unreachable: text.portalUnreachable,
  };
}
