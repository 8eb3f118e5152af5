// Credentials for several roles: one block of profiles for ~/.aws/credentials, and why some roles are not in it.

import type { EligibleRole } from '../../access/model.ts';
import { exportLines, profileName } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/issue-credentials.ts';
import type { SignedInSession } from '../../broker/session.ts';
import type { ErrorCode } from '../../errors.ts';
import { type Html, html } from '../html.ts';
import type { Messages } from '../messages/en.ts';
import type { PageFrame } from '../page-frame.ts';
import { stepUpUrl } from '../step-up.ts';
import { renderPage } from './layout.ts';

export type Outcome =
  | { readonly issued: IssuedCredentials }
  | { readonly role: EligibleRole | undefined; readonly code: ErrorCode };

type Issued = Extract<Outcome, { issued: IssuedCredentials }>;
type Refused = Exclude<Outcome, Issued>;

export function severalPage(frame: PageFrame, session: SignedInSession, outcomes: readonly Outcome[]): string {
  const { text } = frame;
  const issued = outcomes.filter((each): each is Issued => 'issued' in each).map((each) => each.issued);
  const refused = outcomes.filter((each): each is Refused => 'code' in each);
  return renderPage(frame, {
    title: text.portal.severalTitle,
    person: session.identity,
    body: html`<h1>${text.portal.severalTitle}</h1>
${refused.length > 0 && refusals(refused, text)}
${issued.length > 0 && profiles(issued, text)}
<p><a href="/">${text.backToAccounts}</a></p>`,
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

/** Closed until asked for: what is copied need not be seen. */
function profiles(issued: readonly IssuedCredentials[], text: Messages): Html {
  const names = profileNames(issued);
  const blocks = issued.map((each, index) => exportLines('profile', each.credentials, each.role.region, names[index]));
  const title = text.portal.severalGot(issued.length);
  return html`<section><h2>${title}</h2>
<p>${text.portal.severalCare}</p>
<ul class="choices">${issued.map((each, index) => profileLine(each, names[index]!, text))}</ul>
<p class="actions"><button type="button" class="copy" data-copy="lines-several" data-copied="${text.copied}" hidden>${text.copy}</button></p>
<details><summary>${text.portal.severalShow}</summary>
<div class="lines"><pre id="lines-several" tabindex="0" aria-label="${title}">${blocks.join('\n\n')}</pre></div></details></section>`;
}

function profileLine({ role, credentials }: IssuedCredentials, name: string, { portal }: Messages): Html {
  const until = credentials.expiration.toISOString();
  return html`<li><strong>${role.roleName}</strong> ${role.account.name} <span class="muted">${role.account.id}</span><br>
<span class="muted">${portal.severalProfile} <code>${name}</code> · ${portal.severalEnds} <time datetime="${until}">${until.slice(0, 16).replace('T', ' ')} UTC</time></span></li>`;
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

function refusals(refused: readonly Refused[], text: Messages): Html {
  return html`<section><h2>${text.portal.severalNot}</h2>
<ul class="choices">${refused.map(
    ({ role, code }) => html`<li>${
      role ? html`<strong>${role.roleName}</strong> ${role.account.name}` : text.portal.unknownRole
    }: ${text.errors[code].title}.
${code === 'step_up_required' && role && html`<a href="${stepUpUrl(role, 'credentials')}">${text.signInAgain}</a>`}</li>`,
  )}</ul></section>`;
}
