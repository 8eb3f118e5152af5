// The portal: every account with its roles, and for each role the console and credentials.
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { type Html, html } from '../html.ts';
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
  return renderPage(frame, {
    title: 'Your accounts',
    person: identity,
    body:
      roles.length === 0
        ? noRoles(frame, session)
        : html`<h1>Your accounts</h1>
${resume && resumeBox(resume)}
${byEnvironment(roles).map(([environment, some]) => environmentSection(environment, some))}`,
  });
}

function noRoles(frame: PageFrame, { identity }: SignedInSession): Html {
  const groups = identity.groups.length;
  return html`<section class="notice">
<h1>You have no AWS roles yet</h1>
<p>Your sign-in worked: you are <strong>${identity.displayName}</strong> (${identity.user}).
Roles come from groups in your company's directory, and none of the groups that your sign-in brought gives one.</p>
<p>${frame.help}</p>
<details><summary>Groups that your sign-in brought (${groups})</summary>
<ul>${groups === 0 ? html`<li>none</li>` : identity.groups.map((group) => html`<li><code>${group}</code></li>`)}</ul>
<p>Groups are compared exactly, upper and lower case included. A new group counts after your next sign-in.</p>
</details>
</section>`;
}

function byEnvironment(roles: readonly EligibleRole[]): [string, EligibleRole[]][] {
  const groups = new Map<string, EligibleRole[]>();
  for (const role of roles) {
    const name = role.account.environment ?? 'other';
    groups.set(name, [...(groups.get(name) ?? []), role]);
  }
  return [...groups];
}

function environmentSection(environment: string, roles: readonly EligibleRole[]): Html {
  const accounts = new Map<string, EligibleRole[]>();
  for (const role of roles) accounts.set(role.account.id, [...(accounts.get(role.account.id) ?? []), role]);
  return html`<section class="environment" data-environment="${environment}">
<h2>${environment}</h2>
<ul class="accounts">${[...accounts.values()].map(accountCard)}</ul>
</section>`;
}

function accountCard(roles: readonly EligibleRole[]): Html {
  const { account } = roles[0]!;
  return html`<li class="account">
<h3>${account.name}</h3>
<p class="muted">${account.alias} · <code>${account.id}</code></p>
<ul class="roles">${roles.map(roleRow)}</ul>
</li>`;
}

function roleRow(role: EligibleRole): Html {
  const name = `${role.roleName} in ${role.account.name}`;
  return html`<li class="role">
<div><strong>${role.roleName}</strong> <span class="muted">up to ${duration(role.maxDurationSeconds)}</span>
${role.stepUp && html`<span class="tag">${stepUpText(role)}</span>`}
${role.description !== undefined && html`<p>${role.description}</p>`}
<p class="muted">by the rule “${role.rule}”</p></div>
<div class="actions">
${roleButton('console', role, 'Console', `Open the console as ${name}`)}
${roleButton('credentials', role, 'Credentials', `Get credentials for ${name}`)}
</div>
</li>`;
}

function roleButton(action: RoleAction, role: EligibleRole, text: string, label: string): Html {
  if (role.stepUp) return html`<a class="button" href="${stepUpUrl(role, action)}" aria-label="${label}">${text}</a>`;
  return html`<form method="post" action="/portal/${action}">
<input type="hidden" name="roleArn" value="${role.roleArn}">
<button aria-label="${label}">${text}</button>
</form>`;
}

function resumeBox({ role, action }: NonNullable<PortalView['resume']>): Html {
  const text = action === 'console' ? 'Open the console' : 'Get credentials';
  return html`<section class="notice" aria-label="Continue">
<p>You were about to use <strong>${role.roleName}</strong> in <strong>${role.account.name}</strong>.</p>
${roleButton(action, role, text, `${text}: ${role.roleName} in ${role.account.name}`)}
</section>`;
}

function stepUpText(role: EligibleRole): string {
  return role.stepUp?.reason === 'authn_context' ? 'asks for a stronger sign-in' : 'asks for a fresh sign-in';
}

export function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  return [hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : ''].filter(Boolean).join(' ');
}
