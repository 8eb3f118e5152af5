// The portal: favourites and recents, then every account with its roles; for each role console, link and credentials.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { showInvisible } from '../../invisible-characters.ts';
import { longestOf, optionFields } from '../credentials/credentials-form.ts';
import type { SessionPolicy } from '../credentials/session-policy.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
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
  /** ARNs, the last used first. */
  readonly recents: readonly string[];
}

export function portalPage(frame: PageContext, view: PortalView): string {
  const { session, roles } = view;
  return renderPage(frame, {
    title: frame.text.portal.title,
    person: session.identity,
    assets: 'portal',
    body: roles.length === 0 ? noRoles(frame, session) : everything(frame, view),
  });
}

function everything({ text }: PageContext, view: PortalView): Html {
  const { roles, resume, favourites, recents } = view;
  const byArn = new Map<string, EligibleRole>(roles.map((role) => [role.roleArn, role]));
  const known = (arns: readonly string[]) => arns.flatMap((arn) => byArn.get(arn) ?? []);
  const starred = new Set(favourites);
  return html`<h1>${text.portal.title}</h1>
${resume && resumeBox(resume, view.sessionPolicies, text)}
${toolbar(view, text)}
<div id="overview">
${quickSection('favourites', text.portal.favourites, known(favourites), starred, text)}
${quickSection('recents', text.portal.recents, known(recents.filter((arn) => !starred.has(arn))), starred, text)}
${groupBy(roles, ({ account }) => account.environment ?? '').map((some) => environmentSection(some, starred, text))}
</div>`;
}

/** What needs the script is hidden until it is there. */
function toolbar({ roles, sessionPolicies }: PortalView, text: Messages): Html {
  const { portal } = text;
  return html`<div class="toolbar" id="toolbar" data-console="${portal.console}" data-credentials="${portal.credentials}" data-options="${portal.options}"
data-link="${portal.copyLink}" data-link-copied="${portal.linkCopied}" data-find-count="${portal.findCount('{0}')}"
data-find-best="${portal.findBest('{0}', '{1}')}" data-find-all="${portal.findAll('{0}')}" data-find-nothing="${portal.findNothing}" data-failed="${portal.favouriteFailed}" data-moved="${portal.moved('{0}', '{1}', '{2}')}"
data-move-up="${portal.move.up('{0}', '{1}')}" data-move-down="${portal.move.down('{0}', '{1}')}"
data-palette="${portal.palette}" data-palette-field="${portal.paletteField}" data-palette-nothing="${portal.paletteNothing}"
data-until="${text.credentials.durationUntil('{0}')}" data-count="${portal.batchCount('{0}')}" data-most="${portal.batchMost}">
<div class="find" id="find" hidden>
<label for="search">${portal.find}</label>
<input type="search" id="search" autocomplete="off" autocapitalize="none" spellcheck="false" aria-controls="results" aria-describedby="find-hint">
<button type="button" class="quiet" id="open-palette" aria-haspopup="dialog">${portal.palette}</button>
</div>
<form id="several" method="post" action="/portal/credentials">
<input type="hidden" name="several" value="yes">
<button>${portal.batchButton}</button> <span class="muted" id="several-count">${portal.batchMost}</span>
<details class="options"><summary>${portal.options}</summary>
${optionFields({ ...longestOf(roles), asked: nothingAsked, sessionPolicies }, text)}</details>
</form>
<p class="muted" id="find-hint" hidden>${portal.findHint}</p>
<p class="muted"><span id="find-status" role="status"></span> <button type="button" class="quiet" id="find-all" hidden></button></p>
</div>
<ul class="results" id="results" aria-label="${portal.find}" hidden></ul>`;
}

/** There even when it is empty: the script fills it as stars are set. */
function quickSection(
  id: string,
  title: string,
  roles: readonly EligibleRole[],
  starred: ReadonlySet<string>,
  text: Messages,
): Html {
  return html`<section class="quick" id="${id}" aria-labelledby="${id}-title"${roles.length === 0 && html` hidden`}>
<h2 id="${id}-title">${title}</h2>
<ul>${roles.map((role, place) => quickRow(role, starred.has(role.roleArn), text, id === 'favourites' ? movesOf(roles, place) : undefined))}</ul>
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
  const { account } = roles[0]!;
  const { alias, id, labels, owner } = account;
  return html`<li class="account"><h3>${account.name}</h3>${productionTag(account.environment)}
<p class="muted"><span class="alias">${alias}</span> · <code>${id}</code></p>
${owner !== undefined && html`<p class="muted">${text.portal.owner(owner)}</p>`}
${labels.length > 0 && html`<ul class="labels" aria-label="${text.portal.labels}">${labels.map((label) => html`<li>${label}</li>`)}</ul>`}
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
<details><summary>${text.portal.groupsBrought(groups)}</summary>
<ul>${groups === 0 ? html`<li>${text.portal.groupsNone}</li>` : identity.groups.map((group) => html`<li><code>${showInvisible(group)}</code></li>`)}</ul>
<p>${text.portal.groupsExact}</p>
</details>
<p class="actions"><a class="button" href="/why">${text.why.whyLink}</a></p>
</section>`;
}
