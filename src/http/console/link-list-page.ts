// A person's console links and nothing else: small enough for a frame in the company's own portal.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { roleReference } from '../../wire/role-arn.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageContext } from '../page/page-types.ts';
import { productionTag } from '../portal/role-row.ts';
import { consolePath } from './console-link.ts';

export function linkListPage(frame: PageContext, session: SignedInSession, roles: readonly EligibleRole[]): string {
  const { text } = frame;
  // AWS and sign-in pages refuse to be shown in a frame: the link leaves it.
  const link = ({ roleArn, roleName, account }: EligibleRole) =>
    html`<a href="${consolePath(roleReference(roleArn, account.alias), {})}" target="_top">${roleName}</a> `;
  const accounts = [...new Set(roles.map(({ account }) => account))];
  return renderPage(frame, {
    title: text.console.listTitle,
    person: session.identity,
    body: html`<h1>${text.console.listTitle}</h1>
${roles.length === 0 && html`<p>${text.portal.noRolesTitle}</p>`}
<dl class="facts">${accounts.map(
      (account) => html`<dt>${account.name}${productionTag(account.environment)}</dt>
<dd>${roles.filter((role) => role.account === account).map(link)}</dd>`,
    )}</dl>`,
  });
}
