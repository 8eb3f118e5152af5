// A console link from elsewhere: says who asks for what before it opens, and asks which role where it fits several.

import type { EligibleRole } from '../../access/model.ts';
import { consoleServices } from '../../aws/console-services.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { problemLine, summary } from '../page/controls.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { Messages } from '../page/messages/en.ts';
import type { PageContext } from '../page/page-types.ts';
import { productionTag } from '../portal/role-row.ts';
import { type ConsoleTarget, consolePath } from './console-link.ts';
import type { Asker } from './link-origin.ts';

export interface ConsoleLink {
  readonly role: EligibleRole;
  /** As the link has it. */
  readonly target: ConsoleTarget;
  /** Where that is; undefined for the home page. */
  readonly destination: string | undefined;
  /** The account whose console it was copied from, if that is another one. */
  readonly otherAccount: string | undefined;
  readonly asker: Asker;
  /** Warns of production. */
  readonly needsCare: boolean;
  readonly canSignOutFirst: boolean;
  /** The box for it is ticked: the person had ticked it before a sign-in. */
  readonly signsOutFirst: boolean;
  /** Where to sign in again first, if the role asks for that. */
  readonly stepUpUrl: string | undefined;
}

export function consolePage(frame: PageContext, session: SignedInSession, link: ConsoleLink): string {
  const { text } = frame;
  const { role, asker, stepUpUrl } = link;
  const asksElsewhere = asker.kind === 'site' ? text.console.asksSite(asker.origin) : text.console.asksLink;
  const asks = asker.kind === 'portal' ? text.console.asksHere : asksElsewhere;
  const stepUpFirst = html`<p>${text.console.stepUp}</p>
<p class="actions"><a class="button" href="${stepUpUrl}">${text.page.signInAgain}</a> <a href="/">${text.page.notNow}</a></p>`;
  return renderPage(frame, {
    title: text.console.askTitle,
    person: session.identity,
    body: html`<section class="notice ask" data-environment="${role.account.environment ?? ''}">
<h1>${text.console.askTitle}</h1>
<p>${asks}</p>
${facts(link, session, text)}
${stepUpUrl === undefined ? openForm(link, text) : stepUpFirst}
</section>`,
  });
}

function facts(
  { role, target, destination, otherAccount, needsCare }: ConsoleLink,
  session: SignedInSession,
  text: Messages,
): Html {
  const { console } = text;
  const { account } = role;
  const { service } = target;
  const region = regionOf(target, destination, role.region);
  const name = service && consoleServices[service].name;
  return html`<dl class="facts">
<dt>${console.account}</dt><dd><strong>${account.name}</strong>
${account.environment !== undefined && html`<span class="tag plain">${account.environment}</span>`}
<span class="muted">${account.alias} · ${account.id}</span>
${needsCare && account.environment !== undefined && html`<br>${problemLine(console.production)}`}</dd>
<dt>${console.role}</dt><dd><strong>${role.roleName}</strong>
${role.description !== undefined && html`<span class="muted">${role.description}</span>`}</dd>
<dt>${console.target}</dt><dd>${name ?? (destination === undefined ? console.home : html`<code>${destination}</code>`)}
${otherAccount !== undefined && html`<br>${problemLine(console.otherAccount(otherAccount))}`}</dd>
${region !== undefined && html`<dt>${console.region}</dt><dd>${region}</dd>`}
<dt>${console.signedInAs}</dt><dd>${session.identity.displayName} <span class="muted">${session.identity.user}</span></dd>
</dl>`;
}

/** The region of a service is in its address: a global one has its own. An address from the console names its own as well. */
function regionOf(
  { service, region }: ConsoleTarget,
  destination: string | undefined,
  own: string,
): string | undefined {
  if (service !== undefined) return new URL(destination ?? '').searchParams.get('region') ?? own;
  return destination === undefined || destination.startsWith('/') ? (region ?? own) : undefined;
}

function openForm({ role, target, destination, canSignOutFirst, signsOutFirst }: ConsoleLink, text: Messages): Html {
  const { console } = text;
  const { region } = target;
  return html`<form method="post" action="/portal/console" target="_top">
<input type="hidden" name="roleArn" value="${role.roleArn}">
${destination !== undefined && html`<input type="hidden" name="destination" value="${destination}">`}
${region !== undefined && html`<input type="hidden" name="region" value="${region}">`}
<p class="actions"><button autofocus>${text.console.openTheConsole}</button> <a href="/">${text.page.notNow}</a></p>
${canSignOutFirst && html`<p><label><input type="checkbox" name="sign_out_first" value="yes"${signsOutFirst && html` checked`}> ${console.signOutFirst}</label></p>`}
</form>
<details>${summary(console.sessionsTitle)}
<p>${console.sessionsText}</p>
<p>${canSignOutFirst ? console.sessionsWithout : console.sessionsNoChoice}</p>
</details>`;
}

export interface ConsoleChoice {
  readonly roles: readonly EligibleRole[];
  /** Whether the link named a role that the reader does not have. */
  readonly isOther: boolean;
  readonly target: ConsoleTarget;
}

/** What asks for nothing more comes first: the reader's own best. */
export function consoleChoicePage(frame: PageContext, session: SignedInSession, choice: ConsoleChoice): string {
  const { text } = frame;
  const roles = [...choice.roles].sort((a, b) => Number(a.stepUp !== undefined) - Number(b.stepUp !== undefined));
  return renderPage(frame, {
    title: text.console.choiceTitle,
    person: session.identity,
    body: html`<section class="notice">
<h1>${text.console.choiceTitle}</h1>
<p>${choice.isOther ? text.console.choiceOther : text.console.choiceSeveral}</p>
<ul class="choices">${roles.map(
      (role) => html`<li><a class="button" href="${consolePath(role.roleArn, choice.target)}">${role.roleName}</a>
${role.account.name} <span class="muted">${role.account.id}</span>${productionTag(role.account.environment)}</li>`,
    )}</ul>
<p><a href="/">${text.page.notNow}</a></p>
</section>`,
  });
}
