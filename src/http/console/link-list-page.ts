// A person's console links and nothing else: small enough for a frame in the company's own portal.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';
import { productionTag } from '../portal/role-row.ts';
import { consolePath, roleReference } from './console-link.ts';

export function linkListPage(frame: PageFrame, session: SignedInSession, roles: readonly EligibleRole[]): string {
  const { text } = frame;
  const accounts = [...new Set(roles.map(({ account }) => account))];
  return renderPage(frame, {
    title: text.links.listTitle,
    person: session.identity,
    body: html`<h1>${text.links.listTitle}</h1>
${roles.length === 0 && html`<p>${text.noRolesTitle}</p>`}
<dl class="facts">${accounts.map(
      (account) => html`<dt>${account.name}${productionTag(account.environment)}</dt>
<dd>${roles.filter((role) => role.account === account).map(link)}</dd>`,
    )}</dl>`,
  });
}

// AWS refuses to be shown in a frame, and so do sign-in pages: a link leaves it.
function link(role: EligibleRole): Html {
  return html`<a href="${consolePath(roleReference(role), {})}" target="_top">${role.roleName}</a> `;
}
