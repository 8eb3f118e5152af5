// Credentials for several roles: profiles for ~/.aws/credentials, the same as JSON, and why some roles are not in them.
// Without a script all of it is there; assets/several.js makes tabs, copies and counts down.

import type { EligibleRole } from '../../access/model.ts';
import { credentialPieces, type Piece, profileName } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/credentials/issue-credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { ErrorCode } from '../../errors.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';
import type { AskedFor } from '../sign-in/resume.ts';
import { stepUpUrl } from '../sign-in/step-up.ts';
import { optionFields } from './credentials-form.ts';
import { clamped, scriptTexts, toHtml } from './credentials-page.ts';
import type { SessionPolicy } from './session-policy.ts';

export type Outcome =
  | { readonly issued: IssuedCredentials }
  | { readonly role: EligibleRole | undefined; readonly code: ErrorCode };

type Issued = Extract<Outcome, { issued: IssuedCredentials }>;
type Refused = Exclude<Outcome, Issued>;

export interface SeveralView {
  readonly outcomes: readonly Outcome[];
  readonly asked: AskedFor;
  readonly sessionPolicies: readonly SessionPolicy[];
  readonly now: Date;
}

export function severalPage(frame: PageFrame, session: SignedInSession, view: SeveralView): string {
  const { text } = frame;
  const issued = view.outcomes.filter((each): each is Issued => 'issued' in each).map((each) => each.issued);
  const refused = view.outcomes.filter((each): each is Refused => 'code' in each);
  return renderPage(frame, {
    title: text.portal.severalTitle,
    person: session.identity,
    assets: 'credentials',
    script: 'several',
    body: html`<article class="credentials" ${forScript(issued, view, text)}>
<h1>${text.portal.severalTitle}</h1>
${refused.length > 0 && refusals(refused, view, text)}
${issued.length > 0 && profiles(issued, view, text)}
<p><a href="/">${text.backToAccounts}</a></p></article>`,
  });
}

/** None or too many were ticked. */
export function severalRefusedPage(frame: PageFrame, session: SignedInSession, count: number): string {
  const { text } = frame;
  const title = count === 0 ? text.portal.severalNone : text.portal.severalTooMany(count);
  return renderPage(frame, {
    title,
    person: session.identity,
    body: html`<section class="notice"><h1>${title}</h1><p>${text.portal.severalNoneHelp}</p>
<p class="actions"><a class="button" href="/">${text.backToAccounts}</a></p></section>`,
  });
}

function profiles(issued: readonly IssuedCredentials[], view: SeveralView, text: Messages): Html {
  const names = profileNames(issued);
  const policy = view.sessionPolicies.find(({ id }) => id === view.asked.sessionPolicy);
  return html`<section><h2>${text.portal.severalGot(issued.length)}</h2>
<p class="muted">${text.portal.severalCare}</p>
<p id="limited">${policy && text.credentialsLimited(policy.label)}</p>
<ul class="choices">${issued.map((each, index) => profileLine(each, names[index]!, view, text))}</ul>
<p>${text.portal.severalFirstEnd} <span id="left" role="timer"></span></p>
<p id="notice" class="message" role="status"></p>
<h2 id="forms">${text.credentialsForms}</h2>
<p><label><input type="checkbox" id="reveal" autocomplete="off"> ${text.credentialsShow}</label></p>
<div id="shells">
${block('profile', 'lines-several', profilePieces(issued, names), text)}
${block('json', 'lines-several-json', jsonPieces(issued, names), text)}
</div>
${renewForm(issued, view, text)}</section>`;
}

function block(shell: 'profile' | 'json', id: string, pieces: readonly Piece[], text: Messages): Html {
  const name = text.shells[shell];
  return html`<details data-shell="${shell}" ${shell === 'profile' && html`open`}><summary>${name}</summary>
<div class="lines"><pre id="${id}" tabindex="0" role="group" aria-label="${text.linesFor(name)}">${pieces.map(toHtml)}</pre>
<button type="button" class="copy" data-lines="${id}" data-done="${text.credentialsCopied(name)}" hidden>${text.copy}</button></div>
</details>`;
}

function profilePieces(issued: readonly IssuedCredentials[], names: readonly string[]): Piece[] {
  return issued.flatMap(({ credentials, role }, index) => [
    ...(index === 0 ? [] : [{ text: '\n\n' }]),
    ...plain(credentialPieces('profile', credentials, { region: role.region, profile: names[index]! })),
  ]);
}

/** An object with the document of credential_process for each profile. */
function jsonPieces(issued: readonly IssuedCredentials[], names: readonly string[]): Piece[] {
  const entries = issued.flatMap(({ credentials, role }, index) => [
    { text: `${index === 0 ? '{' : ','}\n"${names[index]}": ` },
    ...plain(credentialPieces('json', credentials, { region: role.region, profile: names[index]! })),
  ]);
  return [...entries, { text: '\n}' }];
}

/** Only secrets stand apart: nothing else of these lines is changed in place. */
function plain(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece) =>
    piece.slot === 'secretAccessKey' || piece.slot === 'sessionToken' ? piece : { text: piece.text },
  );
}

function profileLine(issued: IssuedCredentials, name: string, { asked }: SeveralView, text: Messages): Html {
  const { role, credentials } = issued;
  const { portal } = text;
  const until = credentials.expiration.toISOString();
  const why = clamped(issued, asked.durationSeconds, text);
  return html`<li><strong>${role.roleName}</strong> ${role.account.name} <span class="muted">${role.account.id}</span><br>
<span class="muted">${portal.severalProfile} <code>${name}</code> · ${portal.severalEnds} <time datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time>${
    why !== undefined && html` · ${why}`
  }</span></li>`;
}

/** Two roles of an account can differ by their path alone: then the later ones get a number. */
function profileNames(issued: readonly IssuedCredentials[]): string[] {
  const seen = new Map<string, number>();
  return issued.map(({ role }) => {
    const name = profileName(role.account.alias, role.roleName);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}

function renewForm(
  issued: readonly IssuedCredentials[],
  { asked, sessionPolicies }: SeveralView,
  text: Messages,
): Html {
  const maxSeconds = Math.max(...issued.map(({ role }) => role.maxDurationSeconds));
  return html`<div class="renew"><h2 id="renew-title">${text.renewTitle}</h2>
<form method="post" action="/portal/credentials" id="renew" aria-labelledby="renew-title">
<input type="hidden" name="several" value="yes">
${issued.map(({ role }) => html`<input type="hidden" name="roleArn" value="${role.roleArn}">`)}
${optionFields({ maxSeconds, limitedBy: undefined, asked, sessionPolicies }, text)}
<button>${text.renew}</button></form>
<p class="muted">${text.renewHint}</p></div>`;
}

function refusals(refused: readonly Refused[], { asked }: SeveralView, text: Messages): Html {
  return html`<section><h2>${text.portal.severalNot}</h2>
<ul class="choices">${refused.map(
    ({ role, code }) => html`<li>${
      role ? html`<strong>${role.roleName}</strong> ${role.account.name}` : text.portal.unknownRole
    }: ${text.errors[code].title}.
${code === 'step_up_required' && role && html`<a href="${stepUpUrl(role, 'credentials', asked)}">${text.signInAgain}</a>`}</li>`,
  )}</ul></section>`;
}

/** The first of them that ends is what people have to know. */
function forScript(issued: readonly IssuedCredentials[], { now }: SeveralView, text: Messages): Html {
  const ends = issued.map(({ credentials }) => credentials.expiration.getTime());
  const facts = { leftMs: Math.min(...ends) - now.getTime(), text: scriptTexts(text) };
  return html`data-facts="${JSON.stringify(facts)}"`;
}
