// A console link from elsewhere: says who asks for what before it opens, and asks which role where it fits several.

import type { EligibleRole } from '../../access/model.ts';
import { consoleServices } from '../../aws/console-services.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageFrame } from '../page/page-types.ts';
import { productionTag } from '../portal/role-row.ts';
import { type ConsolePlace, consolePath } from './console-link.ts';
import type { Asker } from './link-origin.ts';

export interface ConsoleLink {
  readonly role: EligibleRole;
  /** As the link has it. */
  readonly place: ConsolePlace;
  /** Where that is; undefined for the home page. */
  readonly destination: string | undefined;
  readonly asker: Asker;
  readonly isProduction: boolean;
  readonly canSignOutFirst: boolean;
  /** The box for it is ticked: the person had ticked it before a sign-in. */
  readonly signsOutFirst: boolean;
  /** Where to sign in again first, if the role asks for that. */
  readonly stepUpUrl: string | undefined;
}

export function consolePage(frame: PageFrame, session: SignedInSession, link: ConsoleLink): string {
  const { text } = frame;
  const { role, stepUpUrl } = link;
  return renderPage(frame, {
    title: text.consoleAskTitle,
    person: session.identity,
    body: html`<section class="notice ask" data-environment="${role.account.environment ?? ''}">
<h1>${text.consoleAskTitle}</h1>
<p>${askedBy(link.asker, text)}</p>
${facts(link, session, text)}
${stepUpUrl === undefined ? openForm(link, text) : stepUpFirst(stepUpUrl, text)}
</section>`,
  });
}

function askedBy(asker: Asker, { links }: Messages): string {
  if (asker.kind === 'site') return links.asksSite(asker.origin);
  return asker.kind === 'portal' ? links.asksHere : links.asksLink;
}

function facts(
  { role, place, destination, isProduction }: ConsoleLink,
  session: SignedInSession,
  text: Messages,
): Html {
  const { links } = text;
  const { account } = role;
  const { service } = place;
  const region = regionOf(place, destination, role.region);
  const name = service && consoleServices[service].name;
  return html`<dl class="facts">
<dt>${links.account}</dt><dd><strong>${account.name}</strong>
${account.environment !== undefined && html`<span class="tag">${account.environment}</span>`}
<span class="muted">${account.alias} · ${account.id}</span>
${isProduction && account.environment !== undefined && html`<br><span class="danger">${links.production}</span>`}</dd>
<dt>${links.role}</dt><dd><strong>${role.roleName}</strong>
${role.description !== undefined && html`<span class="muted">${role.description}</span>`}</dd>
<dt>${links.place}</dt><dd>${name ?? (destination === undefined ? links.home : html`<code>${destination}</code>`)}</dd>
${region !== undefined && html`<dt>${links.region}</dt><dd>${region}</dd>`}
<dt>${links.signedInAs}</dt><dd>${session.identity.displayName} <span class="muted">${session.identity.user}</span></dd>
</dl>`;
}

/** The region of a service is in its address: a global one has its own. An address from the console names its own as well. */
function regionOf({ service, region }: ConsolePlace, destination: string | undefined, own: string): string | undefined {
  if (service !== undefined) return new URL(destination ?? '').searchParams.get('region') ?? own;
  return destination === undefined || destination.startsWith('/') ? (region ?? own) : undefined;
}

function openForm({ role, place, destination, canSignOutFirst, signsOutFirst }: ConsoleLink, text: Messages): Html {
  const { links } = text;
  const { region } = place;
  return html`<form method="post" action="/portal/console" target="_top">
<input type="hidden" name="roleArn" value="${role.roleArn}">
${destination !== undefined && html`<input type="hidden" name="destination" value="${destination}">`}
${region !== undefined && html`<input type="hidden" name="region" value="${region}">`}
<p class="actions"><button autofocus>${text.openTheConsole}</button> <a href="/">${text.notNow}</a></p>
${canSignOutFirst && html`<p><label><input type="checkbox" name="sign_out_first" value="yes"${signsOutFirst && html` checked`}> ${links.signOutFirst}</label></p>`}
</form>
<details><summary>${links.sessionsTitle}</summary>
<p>${links.sessionsText}</p>
<p>${canSignOutFirst ? links.sessionsWithout : links.sessionsNoChoice}</p>
</details>`;
}

function stepUpFirst(url: string, text: Messages): Html {
  return html`<p>${text.links.stepUp}</p>
<p class="actions"><a class="button" href="${url}">${text.signInAgain}</a> <a href="/">${text.notNow}</a></p>`;
}

export interface ConsoleChoice {
  readonly roles: readonly EligibleRole[];
  /** Whether the link named a role that the reader does not have. */
  readonly isOther: boolean;
  readonly place: ConsolePlace;
}

/** What asks for nothing more comes first: the reader's own best. */
export function consoleChoicePage(frame: PageFrame, session: SignedInSession, choice: ConsoleChoice): string {
  const { text } = frame;
  const roles = [...choice.roles].sort((a, b) => Number(a.stepUp !== undefined) - Number(b.stepUp !== undefined));
  return renderPage(frame, {
    title: text.choiceTitle,
    person: session.identity,
    body: html`<section class="notice">
<h1>${text.choiceTitle}</h1>
<p>${choice.isOther ? text.choiceOther : text.choiceSeveral}</p>
<ul class="choices">${roles.map(
      (role) => html`<li><a class="button" href="${consolePath(role.roleArn, choice.place)}">${role.roleName}</a>
${role.account.name} <span class="muted">${role.account.id}</span>${productionTag(role.account.environment)}</li>`,
    )}</ul>
<p><a href="/">${text.notNow}</a></p>
</section>`,
  });
}
