// Credentials for several roles: profiles for ~/.aws/credentials, the same as JSON, and why some roles are not in them.
// Without a script all of it is there; assets/batch.js makes tabs, copies and counts down.

import { credentialPieces, type Piece, profileName } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/credentials/credentials.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { stepUpUrl } from '../sign-in/step-up.ts';
import type { Outcome } from './batch.ts';
import { clamped, copyLines, scriptTexts, shellBlock, shellBlocks } from './credential-lines.ts';
import { type FormView, renewForm } from './credentials-form.ts';

type Refusal = Exclude<Outcome, { issued: IssuedCredentials }>;

export interface BatchView extends FormView {
  readonly outcomes: readonly Outcome[];
  readonly now: Date;
}

export function batchPage(frame: PageContext, session: SignedInSession, view: BatchView): string {
  const { text } = frame;
  const issued = view.outcomes.flatMap((each) => ('issued' in each ? [each.issued] : []));
  const refused = view.outcomes.flatMap((each) => ('code' in each ? [each] : []));
  // The first of them that ends is what people have to know.
  const ends = Math.min(...issued.map(({ credentials }) => credentials.expiration.getTime()));
  const facts = { leftMs: ends - view.now.getTime(), text: scriptTexts(text) };
  return renderPage(frame, {
    title: text.credentials.batchTitle,
    person: session.identity,
    assets: 'credentials',
    script: 'batch',
    body: html`<article class="credentials" data-facts="${JSON.stringify(facts)}">
<h1>${text.credentials.batchTitle}</h1>
${refused.length > 0 && refusals(refused, view, text)}
${issued.length > 0 && profiles(issued, view, text)}
<p><a href="/">${text.page.backToAccounts}</a></p></article>`,
  });
}

/** None or too many were ticked. */
export function batchRefusedPage(frame: PageContext, session: SignedInSession, count: number): string {
  const { text } = frame;
  const title = count === 0 ? text.credentials.batchNone : text.credentials.batchTooMany(count);
  return renderPage(frame, {
    title,
    person: session.identity,
    body: html`<section class="notice"><h1>${title}</h1><p>${text.credentials.batchNoneHelp}</p>
<p class="actions"><a class="button" href="/">${text.page.backToAccounts}</a></p></section>`,
  });
}

function profiles(issued: readonly IssuedCredentials[], view: BatchView, text: Messages): Html {
  // Two roles of an account can differ by their path alone: then the later ones get a number.
  const seen = new Map<string, number>();
  const names = issued.map(({ role }) => {
    const name = profileName(role.account.alias, role.roleName);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
  const policy = view.sessionPolicies.find(({ id }) => id === view.asked.sessionPolicy);
  return html`<section><h2>${text.credentials.batchGot(issued.length)}</h2>
<p class="muted">${text.credentials.batchCare}</p>
<p id="limited">${policy && text.credentials.limited(policy.label)}</p>
<ul class="choices">${issued.map((each, index) => profileLine(each, names[index]!, view, text))}</ul>
<p>${text.credentials.batchFirstEnd} <span id="left" role="timer"></span></p>
<p id="notice" class="message" role="status"></p>
${shellBlocks(
  [
    shellBlock('profile', true, copyLines('lines-several', 'profile', profilePieces(issued, names), text), text),
    shellBlock('json', false, copyLines('lines-several-json', 'json', jsonPieces(issued, names), text), text),
  ],
  text,
)}
${renewForm(
  issued.map(({ role }) => role),
  true,
  view,
  text,
)}</section>`;
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

function profileLine(issued: IssuedCredentials, name: string, { asked }: BatchView, text: Messages): Html {
  const { role, credentials } = issued;
  const until = credentials.expiration.toISOString();
  const why = clamped(issued, asked.durationSeconds, text);
  return html`<li><strong>${role.roleName}</strong> ${role.account.name} <span class="muted">${role.account.id}</span><br>
<span class="muted">${text.credentials.batchProfile} <code>${name}</code> · ${text.credentials.batchEnds} <time datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time>${
    why !== undefined && html` · ${why}`
  }</span></li>`;
}

function refusals(refused: readonly Refusal[], { asked }: BatchView, text: Messages): Html {
  return html`<section><h2>${text.credentials.batchNot}</h2>
<ul class="choices">${refused.map(
    ({ role, code }) => html`<li>${
      role ? html`<strong>${role.roleName}</strong> ${role.account.name}` : text.credentials.unknownRole
    }: ${text.errors[code].title}.
${code === 'step_up_required' && role && html`<a href="${stepUpUrl(role, 'credentials', asked)}">${text.page.signInAgain}</a>`}</li>`,
  )}</ul></section>`;
}
