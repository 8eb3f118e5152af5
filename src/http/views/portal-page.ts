// The portal: every account with its roles, and for each role the console and credentials.
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { type Html, html } from '../html.ts';
import type { Messages } from '../messages/en.ts';
import { type RoleAction, stepUpUrl } from '../step-up.ts';
import { type PageFrame, renderPage } from './layout.ts';

export interface PortalView {
  readonly session: SignedInSession;
  readonly roles: readonly EligibleRole[];
  /** A role whose action was interrupted by a sign-in. */
  readonly resume: { readonly role: EligibleRole; readonly action: RoleAction } | undefined;
}

export function portalPage(frame: PageFrame, { session, roles, resume }: PortalView): string {
  const { identity } = session;
  const { text } = frame;
  return renderPage(frame, {
    title: text.yourAccounts,
    person: identity,
    body:
      roles.length === 0
        ? noRoles(frame, session)
        : html`<h1>${text.yourAccounts}</h1>
${resume && resumeBox(resume, text)}
${byEnvironment(roles).map(([environment, some]) => environmentSection(environment, some, text))}`,
  });
}

function noRoles({ text, help }: PageFrame, { identity }: SignedInSession): Html {
  const groups = identity.groups.length;
  return html`<section class="notice">
<h1>${text.noRolesTitle}</h1>
<p>${text.noRolesText(identity.displayName, identity.user)}</p>
<p>${help}</p>
<details><summary>${text.groupsBrought(groups)}</summary>
<ul>${groups === 0 ? html`<li>${text.groupsNone}</li>` : identity.groups.map((group) => html`<li><code>${group}</code></li>`)}</ul>
<p>${text.groupsExact}</p>
</details>
</section>`;
}

function byEnvironment(roles: readonly EligibleRole[]): [string, EligibleRole[]][] {
  const groups = new Map<string, EligibleRole[]>();
  for (const role of roles) {
    const name = role.account.environment ?? '';
    groups.set(name, [...(groups.get(name) ?? []), role]);
  }
  return [...groups];
}

function environmentSection(environment: string, roles: readonly EligibleRole[], text: Messages): Html {
  const accounts = new Map<string, EligibleRole[]>();
  for (const role of roles) accounts.set(role.account.id, [...(accounts.get(role.account.id) ?? []), role]);
  return html`<section class="environment" data-environment="${environment}">
<h2>${environment === '' ? text.otherEnvironment : environment}</h2>
<ul class="accounts">${[...accounts.values()].map((some) => accountCard(some, text))}</ul>
</section>`;
}

function accountCard(roles: readonly EligibleRole[], text: Messages): Html {
  const { account } = roles[0]!;
  return html`<li class="account">
<h3>${account.name}</h3>
<p class="muted">${account.alias} · <code>${account.id}</code></p>
<ul class="roles">${roles.map((role) => roleRow(role, text))}</ul>
</li>`;
}

function roleRow(role: EligibleRole, text: Messages): Html {
  const { roleName, account } = role;
  return html`<li class="role">
<div><strong>${roleName}</strong> <span class="muted">${text.upTo(duration(role.maxDurationSeconds, text))}</span>
${role.stepUp && html`<span class="tag">${role.stepUp.reason === 'authn_context' ? text.asksForStronger : text.asksForFresh}</span>`}
${role.description !== undefined && html`<p>${role.description}</p>`}
<p class="muted">${text.byRule(role.rule)}</p></div>
<div class="actions">
${roleButton('console', role, text.console, text.openConsoleAs(roleName, account.name))}
${roleButton('credentials', role, text.credentials, text.getCredentialsFor(roleName, account.name))}
</div>
</li>`;
}

function roleButton(action: RoleAction, role: EligibleRole, name: string, label: string): Html {
  if (role.stepUp) return html`<a class="button" href="${stepUpUrl(role, action)}" aria-label="${label}">${name}</a>`;
  return html`<form method="post" action="/portal/${action}">
<input type="hidden" name="roleArn" value="${role.roleArn}">
<button aria-label="${label}">${name}</button>
</form>`;
}

function resumeBox({ role, action }: NonNullable<PortalView['resume']>, text: Messages): Html {
  const name = action === 'console' ? text.resumeConsole : text.resumeCredentials;
  return html`<section class="notice" aria-label="${text.continueOn}">
<p>${text.resumeText(role.roleName, role.account.name)}</p>
${roleButton(action, role, name, `${name}: ${role.roleName}, ${role.account.name}`)}
</section>`;
}

export function duration(seconds: number, text: Messages): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return [hours > 0 ? text.hours(hours) : '', minutes > 0 ? text.minutes(minutes) : ''].filter(Boolean).join(' ');
}
