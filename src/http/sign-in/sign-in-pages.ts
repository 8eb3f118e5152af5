// The pages around a sign-in: choosing where, and on the way to one.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { SignInSystem } from '../../config/config.ts';
import type { PostForm } from '../../saml/post-binding.ts';
import { html } from '../page/html.ts';
import { buttonTo, linkTo, noticePage } from '../page/notice-page.ts';
import type { PageContext } from '../page/page-types.ts';
import type { AskedFor, RoleAction } from './resume.ts';
import { stepUpUrl } from './step-up.ts';

export interface Choice {
  readonly idps: readonly SignInSystem[];
  /** The one that this browser used before. */
  readonly last: string | undefined;
  readonly returnTo: string;
}

export function chooserPage(context: PageContext, { idps, last, returnTo }: Choice): string {
  const { page, signIn } = context.text;
  const inOrder = [...idps].sort((a, b) => Number(b.id === last) - Number(a.id === last));
  const item = ({ id, label }: SignInSystem) => {
    const query = new URLSearchParams({ idp: id, return_to: returnTo });
    return html`<li><a class="button" href="/login?${query.toString()}">${label}</a>
${id === last && html`<span class="muted">${signIn.lastUsed}</span>`}</li>`;
  };
  return noticePage(context, {
    title: page.signIn,
    heading: signIn.chooserTitle,
    body: [html`<ul class="choices">${inOrder.map(item)}</ul>`],
  });
}

/** To an identity provider that takes requests by HTTP-POST only. */
export function postRequestPage(context: PageContext, idpLabel: string, { action, fields }: PostForm): string {
  const { page, signIn } = context.text;
  return noticePage(context, {
    title: page.signIn,
    script: 'post-form',
    body: [signIn.postText(idpLabel)],
    after: html`<form method="post" action="${action}" data-posts-itself>
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<p class="actions"><button autofocus>${page.continueOn}</button></p>
</form>`,
  });
}

/** Inside another page: the way out of it. */
export function framedPage(context: PageContext, login: string): string {
  const { page, signIn } = context.text;
  return noticePage(context, {
    title: signIn.framedTitle,
    body: [signIn.framedText],
    actions: [html`<a class="button" href="${login}" target="_blank" rel="noopener">${page.signIn}</a>`],
  });
}

/** Between a session that has ended and the next one. */
export function resumePage(context: PageContext, login: string): string {
  const { page, signIn } = context.text;
  return noticePage(context, {
    title: signIn.resumeTitle,
    goesTo: login,
    body: [signIn.resumeGoesOn],
    actions: [buttonTo(login, page.signInAgain)],
  });
}

/** Between a role that AWS gives for a new sign-in only and that sign-in, which asks nothing of most people. */
export function reauthenticatePage(context: PageContext, { identity }: SignedInSession, login: string): string {
  const { page, signIn } = context.text;
  return noticePage(context, {
    title: signIn.anewTitle,
    person: identity,
    goesTo: login,
    body: [signIn.anewText],
    actions: [buttonTo(login, page.signInAgain)],
  });
}

/** The identity provider signed the person in again, and did not say that it was in a stronger way. */
export function ignoredStepUpPage(
  context: PageContext,
  { identity }: SignedInSession,
  { role, action, idpLabel }: { role: EligibleRole; action: RoleAction; idpLabel: string },
): string {
  const { page, signIn } = context.text;
  const said = identity.authnContexts.slice(0, 5).join(', ');
  return noticePage(context, {
    title: signIn.ignoredTitle,
    person: identity,
    body: [
      signIn.ignoredText(role.roleName, role.account.name, idpLabel),
      said === '' ? signIn.ignoredNothing : html`<p>${signIn.ignoredSaid} <code>${said}</code></p>`,
      context.help,
    ],
    actions: [buttonTo(stepUpUrl(role, action), page.signInAgain), linkTo('/', page.toPortal)],
  });
}

export interface StepUpView {
  readonly role: EligibleRole;
  readonly action: RoleAction;
  /** Comes back with the action. */
  readonly asked?: AskedFor;
}

/** A role that needs more than the sign-in so far. */
export function stepUpPage(
  context: PageContext,
  { identity }: SignedInSession,
  { role, action, asked }: StepUpView,
): string {
  const { page, signIn } = context.text;
  return noticePage(context, {
    title: page.signInAgain,
    heading: signIn.stepUpTitle(role.roleName, role.account.name),
    person: identity,
    body: [role.stepUp?.reason === 'authn_context' ? signIn.stepUpStronger : signIn.stepUpFresh],
    actions: [buttonTo(stepUpUrl(role, action, asked), page.signInAgain), linkTo('/', page.notNow)],
  });
}
