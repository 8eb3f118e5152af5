// A role that needs more than the sign-in so far.
import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/session.ts';
import { html } from '../html.ts';
import { type RoleAction, stepUpUrl } from '../step-up.ts';
import { type PageFrame, renderPage } from './layout.ts';

export function stepUpPage(frame: PageFrame, session: SignedInSession, role: EligibleRole, action: RoleAction): string {
  return renderPage(frame, {
    title: 'Sign in again',
    person: session.identity,
    body: html`<section class="notice">
<h1>${role.roleName} in ${role.account.name} asks you to sign in again</h1>
<p>${
      role.stepUp?.reason === 'authn_context'
        ? 'The role needs a stronger sign-in, for example with a one-time code.'
        : 'Your sign-in is too long ago for this role.'
    }</p>
<p class="actions"><a class="button" href="${stepUpUrl(role, action)}">Sign in again</a> <a href="/">Not now</a></p>
</section>`,
  });
}
