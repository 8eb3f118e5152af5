// One role in the portal's lists. A page may hold thousands: one form for each, and its ARN no more often than needed. Each
// button says where it posts: a form that did, too, would repeat it.
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import { roleReference } from '../../wire/role-arn.ts';
import { type Html, html } from '../page/html.ts';
import { icons } from '../page/icons.ts';
import type { Messages } from '../page/messages/en.ts';
import { timeTag } from '../page/time-tag.ts';
import type { AskedFor, RoleAction } from '../sign-in/resume.ts';
import { stepUpUrl } from '../sign-in/step-up.ts';
import { isProductionName } from './production.ts';

/** In an account's list: one line, with what the role is for. */
export function roleRow(role: EligibleRole, isFavourite: boolean, text: Messages): Html {
  const { roleName, account, description } = role;
  const { portal } = text;
  return html`<li class="role"><form method="post"><input type="hidden" name="roleArn" value="${role.roleArn}"><input type="checkbox" form="several" name="roleArn" value="${role.roleArn}" aria-label="${portal.select(role.roleName, role.account.name)}"${isConsoleOnly(role) && html` disabled`}>
<div class="what"><strong>${roleName}</strong>${tags(role, text)}${description !== undefined && html` <span class="purpose">${description}</span>`}</div>
<span class="limit">${portal.upTo(duration(role.maxDurationSeconds, text))}</span>
<div class="actions">${roleButton('console', role, portal.console, portal.openConsoleAs(roleName, account.name))}${credentialsButton(role, portal.getCredentialsFor(roleName, account.name), text)}${star(role, isFavourite, text)}${more(role, text)}</div></form></li>`;
}

/** Where a favourite goes when it is moved by one: before which other, empty for the end. Undefined where it cannot. */
export interface Moves {
  readonly up: string | undefined;
  readonly down: string | undefined;
}

export interface QuickRow {
  readonly isFavourite: boolean;
  readonly moves?: Moves | undefined;
  readonly usedAt?: Date | undefined;
}

/** In the lists of favourites and recents, with the account's name. */
export function quickRow(role: EligibleRole, { isFavourite, moves, usedAt }: QuickRow, text: Messages): Html {
  const { roleName, account, roleArn } = role;
  const { portal } = text;
  const name = (action: string) => portal.quick(action, roleName, account.name);
  return html`<li class="role"${isProductionName(account.environment) && html` data-production`}><form method="post"><input type="hidden" name="roleArn" value="${roleArn}">
<div class="what"><strong>${roleName}</strong> <span class="where">${account.name} <code>${account.id}</code></span>${productionTag(account.environment)}${tags(role, text)}</div>
<span class="limit">${usedAt !== undefined && html`<span class="used">${portal.lastUsed} ${timeTag(usedAt, 'day')}</span>`}</span>
<div class="actions">${roleButton('console', role, portal.console, name(portal.console))}${credentialsButton(role, name(portal.credentials), text)}${star(role, isFavourite, text)}${more(role, text)}</div>${moves && moveButtons(role, moves, text)}</form></li>`;
}

function tags(role: EligibleRole, text: Messages): Html {
  return html`${stepUpTag(role, text)}${isConsoleOnly(role) && html` <span class="tag plain">${text.portal.consoleOnly}</span>`}`;
}

function credentialsButton(role: EligibleRole, label: string, { portal }: Messages): Html {
  const { roleName, account } = role;
  if (!isConsoleOnly(role)) return roleButton('credentials', role, portal.credentials, label);
  // One assertion for all the roles that open consoles only: AWS asks which.
  return html`<button class="quiet" formaction="/portal/console" name="choose" value="yes" aria-label="${portal.chooseAtAwsFor(roleName, account.name)}">${portal.chooseAtAws}</button>`;
}

/** Leads to the rarer actions: a menu with the script, the page of options without it. */
function more(role: EligibleRole, { portal }: Messages): Html {
  const label = portal.moreFor(role.roleName, role.account.name);
  return html`<a class="more bare" href="/credentials?role=${roleInQuery(role)}" aria-label="${label}">${icons.more}</a>`;
}

/** Is part of a form that posts the role's ARN. */
export function roleButton(
  action: RoleAction,
  role: EligibleRole,
  name: string,
  label: string,
  asked?: AskedFor,
): Html {
  // What a sign-in interrupted is the main action of its box.
  const quiet = action === 'credentials' && asked === undefined ? html` quiet` : html``;
  if (role.stepUp)
    return html`<a class="button${quiet}" href="${stepUpUrl(role, action, asked)}" aria-label="${label}">${name}</a>`;
  if (action === 'credentials')
    return html`<button class="button${quiet}" formaction="/portal/credentials" aria-label="${label}">${name}</button>`;
  return html`<button formaction="/portal/console" aria-label="${label}">${name}</button>`;
}

export function duration(seconds: number, text: Messages): string {
  const total = Math.round(seconds / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  return [hours > 0 ? text.page.hours(hours) : '', minutes > 0 ? text.page.minutes(minutes) : '']
    .filter(Boolean)
    .join(' ');
}

/** Production by its name, next to every account. */
export function productionTag(environment: string | undefined): Html | undefined {
  return isProductionName(environment) ? html` <span class="env">${environment}</span>` : undefined;
}

export function stepUpTag({ stepUp }: EligibleRole, text: Messages): Html | undefined {
  if (!stepUp) return undefined;
  return html` <span class="tag">${stepUp.reason === 'authn_context' ? text.portal.asksForStronger : text.portal.asksForFresh}</span>`;
}

/** The account by its id: aliases change, and a link that is copied today is to work next year. */
export function roleInQuery({ roleArn }: EligibleRole): string {
  return encodeURIComponent(roleReference(roleArn)).replaceAll('%2F', '/');
}

function star({ roleName, account }: EligibleRole, isFavourite: boolean, { portal }: Messages): Html {
  const [value, pressed] = isFavourite ? ['off', 'true'] : ['on', 'false'];
  return html`<button class="star bare" formaction="/portal/favourites" name="favourite" value="${value}" aria-pressed="${pressed}" aria-label="${portal.favourite(roleName, account.name)}">${icons.star}</button>`;
}

function moveButtons({ roleName, account }: EligibleRole, { up, down }: Moves, { portal }: Messages): Html {
  const button = (to: string | undefined, way: 'up' | 'down') =>
    html`<button class="move bare" data-way="${way}" formaction="/portal/favourites" name="before" value="${to ?? ''}" aria-label="${portal.move[way](roleName, account.name)}"${to === undefined && html` disabled`}>${icons[way]}</button>`;
  return html`<span class="moves">${button(up, 'up')}${button(down, 'down')}</span>`;
}
