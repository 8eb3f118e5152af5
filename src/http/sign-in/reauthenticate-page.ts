// Between a role that AWS gives for a new sign-in only and that sign-in, which asks nothing of people whose company knows them.

import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';

export function reauthenticatePage(frame: PageFrame, session: SignedInSession, login: string): string {
  const { insight, signInAgain } = frame.text;
  return renderPage(frame, {
    title: insight.anewTitle,
    person: session.identity,
    goesTo: login,
    body: html`<section class="notice">
<h1>${insight.anewTitle}</h1>
<p>${insight.anewText}</p>
<p class="actions"><a class="button" href="${login}">${signInAgain}</a></p>
</section>`,
  });
}
