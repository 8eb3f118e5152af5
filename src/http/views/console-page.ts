// A console link from elsewhere: asks before it opens, and asks which role where it fits several.
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

export interface ConsoleTarget {
  readonly destination: string | undefined;
  readonly region: string | undefined;
}

export interface ConsoleLink extends ConsoleTarget {
  readonly role: EligibleRole;
}

export function consolePage(frame: PageFrame, session: SignedInSession, link: ConsoleLink): string {
  const { text } = frame;
  const { role, destination, region } = link;
  return renderPage(frame, {
    title: text.consoleAskTitle,
    person: session.identity,
    body: html`<section class="notice" data-environment="${role.account.environment ?? ''}">
<h1>${text.consoleAskTitle}</h1>
<p>${text.consoleAskText(role.roleName, role.account.name, role.account.id)}
${role.account.environment !== undefined && html`<span class="tag">${role.account.environment}</span>`}</p>
${destination !== undefined && html`<p>${text.consoleAskDestination} <code>${destination}</code></p>`}
<form method="post" action="/portal/console">
<input type="hidden" name="roleArn" value="${role.roleArn}">
${destination !== undefined && html`<input type="hidden" name="destination" value="${destination}">`}
${region !== undefined && html`<input type="hidden" name="region" value="${region}">`}
<p class="actions"><button autofocus>${text.openTheConsole}</button> <a href="/">${text.notNow}</a></p>
</form>
</section>`,
  });
}

export interface ConsoleChoice extends ConsoleTarget {
  readonly roles: readonly EligibleRole[];
  /** Whether the link named a role that the reader does not have. */
  readonly isOther: boolean;
}

export function consoleChoicePage(frame: PageFrame, session: SignedInSession, choice: ConsoleChoice): string {
  const { text } = frame;
  return renderPage(frame, {
    title: text.choiceTitle,
    person: session.identity,
    body: html`<section class="notice">
<h1>${text.choiceTitle}</h1>
<p>${choice.isOther ? text.choiceOther : text.choiceSeveral}</p>
<ul class="choices">${choice.roles.map(
      (role) => html`<li><a class="button" href="${consoleHref(role, choice)}">${role.roleName}</a>
${role.account.name} <span class="muted">${role.account.id}</span></li>`,
    )}</ul>
<p><a href="/">${text.notNow}</a></p>
</section>`,
  });
}

function consoleHref(role: EligibleRole, { destination, region }: ConsoleTarget): string {
  const query = new URLSearchParams({ role: role.roleArn });
  if (destination !== undefined) query.set('destination', destination);
  if (region !== undefined) query.set('region', region);
  return `/console?${query}`;
}
