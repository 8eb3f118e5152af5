// A role that needs more than the sign-in so far.

import type { EligibleRole } from '../../access/model.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';
import type { AskedFor, RoleAction } from './resume.ts';
import { stepUpUrl } from './step-up.ts';

export interface StepUpView {
  readonly role: EligibleRole;
  readonly action: RoleAction;
  /** Comes back with the action. */
  readonly asked?: AskedFor;
}

export function stepUpPage(frame: PageFrame, session: SignedInSession, { role, action, asked }: StepUpView): string {
  const { text } = frame;
  const isContext = role.stepUp?.reason === 'authn_context';
  return renderPage(frame, {
    title: text.signInAgain,
    person: session.identity,
    body: html`<section class="notice">
<h1>${text.stepUpTitle(role.roleName, role.account.name)}</h1>
<p>${isContext ? text.stepUpStronger : text.stepUpFresh}</p>
<p class="actions"><a class="button" href="${stepUpUrl(role, action, asked)}">${text.signInAgain}</a>
<a href="/">${text.notNow}</a></p>
</section>`,
  });
}
