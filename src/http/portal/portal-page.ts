// The portal: favourites and recents, then every account with its roles; for each role console, link and credentials.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { showInvisible } from '../../invisible-characters.ts';
import { longestOf, optionFields } from '../credentials/credentials-form.ts';
import type { SessionPolicy } from '../credentials/session-policy.ts';
import { summary } from '../page/controls.ts';
import { type Html, html } from '../page/html.ts';
import { icons } from '../page/icons.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import { type Density, densities, type PageContext } from '../page/page-types.ts';
import type { Resume } from '../sign-in/resume.ts';
import { nothingAsked } from '../sign-in/resume.ts';
import { resumeBox } from '../sign-in/resume-box.ts';
import { isProductionName } from './production.ts';
import { type Moves, productionTag, quickRow, roleRow } from './role-row.ts';

export interface PortalView {
  readonly session: SignedInSession;
  readonly roles: readonly EligibleRole[];
  /** What was interrupted by a sign-in. */
  readonly resume: Resume | undefined;
  /** What may be chosen for credentials. */
  readonly sessionPolicies: readonly SessionPolicy[];
  /** ARNs in the person's order, also of roles that they no longer have. */
  readonly favourites: readonly string[];
  /** The last used first. `usedAt` is in milliseconds since 1970. */
  readonly recents: readonly { readonly roleArn: string; readonly usedAt: number }[];
}

/** Marks where the list of roles belongs. No value can hold it: values are escaped. */
const listPlace = '<!--roles-->';

/** The page around the list of roles: what comes before it, and after it. */
export function portalPage(context: PageContext, view: PortalView): readonly [before: string, after: string] {
  const { session, roles } = view;
  const page = renderPage(context, {
    title: context.text.portal.title,
    person: session.identity,
    assets: 'portal',
    body: roles.length === 0 ? noRoles(context, session) : everything(context, view),
  });
  const [before = '', after = ''] = page.split(listPlace);
  return [before, after];
}

/** Every account with its roles. It depends on nothing else, so that it can be kept while a person looks at it again. */
export function roleList(roles: readonly EligibleRole[], favourites: readonly string[], text: Messages): string {
  const starred = new Set(favourites);
  return groupBy(roles, ({ account }) => account.environment ?? '')
    .map((some) => environmentSection(some, starred, text).html)
    .join('');
}

function everything({ text, path, density }: PageContext, view: PortalView): Html {
  const { roles, resume, favourites, recents } = view;
  const byArn = new Map<string, EligibleRole>(roles.map((role) => [role.roleArn, role]));
  const known = (arns: readonly string[]) => arns.flatMap((arn) => byArn.get(arn) ?? []);
  const starred = known(favourites);
  const used = new Map(recents.map(({ roleArn, usedAt }) => [roleArn, new Date(usedAt)]));
  const others = known([...used.keys()]).filter(({ roleArn }) => !favourites.includes(roleArn));
  const favouriteRow = (role: EligibleRole, place: number) =>
    quickRow(role, { isFavourite: true, moves: movesOf(starred, place), usedAt: used.get(role.roleArn) }, text);
  const recentRow = (role: EligibleRole) =>
    quickRow(role, { isFavourite: false, usedAt: used.get(role.roleArn) }, text);
  return html`${resume && resumeBox(resume, view.sessionPolicies, text)}
${toolbar(view, densityForm(density, path, text), text)}
<div id="overview">
${quickSection('favourites', text.portal.favourites, starred.map(favouriteRow))}
${quickSection('recents', text.portal.recents, others.map(recentRow))}
${{ html: listPlace }}
</div>`;
}

function densityForm(density: Density, path: string, { portal }: Messages): Html {
  const other = densities.find((each) => each !== density)!;
  return html`<form method="post" action="/portal/appearance"><input type="hidden" name="return_to" value="${path}">
<button class="quiet" name="density" value="${other}">${portal.densities[other]}</button></form>`;
}

/** What needs the script is hidden until it is there. */
function toolbar({ roles, sessionPolicies }: PortalView, density: Html, text: Messages): Html {
  const { portal } = text;
  return html`<div class="toolbar" id="toolbar" data-console="${portal.console}" data-credentials="${portal.credentials}" data-options="${portal.options}"
data-open-link="${portal.link}" data-link="${portal.copyLink}" data-link-copied="${portal.linkCopied}" data-find-count="${portal.findCount('{0}')}"
data-find-best="${portal.findBest('{0}', '{1}')}" data-find-all="${portal.findAll('{0}')}" data-find-nothing="${portal.findNothing}" data-failed="${portal.favouriteFailed}" data-moved="${portal.moved('{0}', '{1}', '{2}')}"
data-move-up="${portal.move.up('{0}', '{1}')}" data-move-down="${portal.move.down('{0}', '{1}')}"
data-palette="${portal.palette}" data-palette-field="${portal.paletteField}" data-palette-nothing="${portal.paletteNothing}"
data-until="${text.credentials.durationUntil('{0}')}" data-count="${portal.batchCount('{0}')}" data-most="${portal.batchMost}">
<div class="bar"><h1>${portal.title}</h1>
<div class="find" id="find" hidden>
<label for="search">${portal.find}</label>${icons.search}
<input type="search" id="search" placeholder="${portal.find} ( / )" title="${portal.findHint}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-controls="results" aria-describedby="find-hint">
<button type="button" class="quiet" id="open-palette" aria-haspopup="dialog">${portal.palette}</button>
</div>
${density}</div>
<form id="several" method="post" action="/portal/credentials">
<input type="hidden" name="several" value="yes">
<button>${portal.batchButton}</button> <span class="muted" id="several-count">${portal.batchMost}</span>
<details class="options">${summary(portal.options)}
${optionFields({ ...longestOf(roles), asked: nothingAsked, sessionPolicies }, text)}</details>
</form>
<p class="muted" id="find-hint" hidden>${portal.findHint}</p>
<p class="muted status"><span id="find-status" role="status"></span> <button type="button" class="quiet" id="find-all" hidden></button></p>
</div>
<ul class="results" id="results" aria-label="${portal.find}" hidden></ul>`;
}

/** There even when it is empty: the script fills it as stars are set. */
function quickSection(id: string, title: string, rows: readonly Html[]): Html {
  return html`<section class="quick" id="${id}" aria-labelledby="${id}-title"${rows.length === 0 && html` hidden`}>
<h2 id="${id}-title">${title}</h2>
<ul>${rows}</ul>
</section>`;
}

function movesOf(roles: readonly EligibleRole[], place: number): Moves {
  const last = roles.length - 1;
  return {
    up: roles[place - 1]?.roleArn,
    down: place < last ? (roles[place + 2]?.roleArn ?? '') : undefined,
  };
}

function environmentSection(roles: readonly EligibleRole[], starred: ReadonlySet<string>, text: Messages): Html {
  const environment = roles[0]?.account.environment ?? '';
  return html`<section class="environment" data-environment="${environment}"${isProductionName(environment) && html` data-production`}>
<h2>${environment === '' ? text.portal.otherEnvironment : environment}</h2>
<ul class="accounts">${groupBy(roles, ({ account }) => account.id).map((some) => accountCard(some, starred, text))}</ul>
</section>`;
}

function accountCard(roles: readonly EligibleRole[], starred: ReadonlySet<string>, text: Messages): Html {
  const { alias, id, name, labels, owner, environment } = roles[0]!.account;
  return html`<li class="account" data-account="${id}"><div class="head"><h3>${name}</h3>${productionTag(environment)}
<details class="about">${summary(html`<code>${id}</code>`)}<p class="alias">${alias}</p>
${owner !== undefined && html`<p>${text.portal.owner(owner)}</p>`}${labels.length > 0 && html`<ul class="labels" aria-label="${text.portal.labels}">${labels.map((label) => html`<li>${label}</li>`)}</ul>`}</details></div>
<ul class="roles">${roles.map((role) => roleRow(role, starred.has(role.roleArn), text))}</ul></li>`;
}

/** In the order in which the groups first appear. One pass: there may be thousands of roles. */
function groupBy(roles: readonly EligibleRole[], keyOf: (role: EligibleRole) => string): EligibleRole[][] {
  const groups = new Map<string, EligibleRole[]>();
  for (const role of roles) {
    const key = keyOf(role);
    const group = groups.get(key);
    if (group) group.push(role);
    else groups.set(key, [role]);
  }
  return [...groups.values()];
}

function noRoles({ text, help }: PageContext, { identity }: SignedInSession): Html {
  const groups = identity.groups.length;
  return html`<section class="notice">
<h1>${text.portal.noRolesTitle}</h1>
<p>${text.portal.noRolesText(identity.displayName, identity.user)}</p>
<p>${help}</p>
<details>${summary(text.portal.groupsBrought(groups))}
<ul>${groups === 0 ? html`<li>${text.portal.groupsNone}</li>` : identity.groups.map((group) => html`<li><code>${showInvisible(group)}</code></li>`)}</ul>
<p>${text.portal.groupsExact}</p>
</details>
<p class="actions"><a class="button" href="/why">${text.why.whyLink}</a></p>
</section>`;
}
