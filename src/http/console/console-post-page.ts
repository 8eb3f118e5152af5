// The assertion on its way to the AWS sign-in page: a form that goes by itself where scripts run, else by one more press.
// The only page that holds a minted assertion.

import type { EligibleRole } from '../../access/model.ts';
import type { ConsolePost } from '../../broker/credentials/post-console.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageContext } from '../page/page-types.ts';
import type { ConsoleTarget } from './console-link.ts';

export interface ConsolePostView {
  readonly role: EligibleRole;
  readonly post: ConsolePost;
  readonly target: ConsoleTarget;
}

export function consolePostPage(frame: PageContext, session: SignedInSession, view: ConsolePostView): string {
  const { text } = frame;
  const { account, roleName } = view.role;
  const { url, samlResponse, relayState, choices } = view.post;
  return renderPage(frame, {
    title: text.console.postTitle,
    person: session.identity,
    assets: 'credentials',
    script: 'post-form',
    body: html`<section class="notice ask" data-environment="${account.environment ?? ''}">
<h1>${text.console.postTitle}</h1>
<p>${choices > 1 ? text.console.postChoice(choices) : text.console.postText(roleName, account.name)}</p>
<form id="to-aws" method="post" action="${url}" target="_top" data-posts-itself>
<input type="hidden" name="SAMLResponse" value="${samlResponse}">
<input type="hidden" name="RelayState" value="${relayState}">
<p class="actions"><button autofocus>${text.console.openTheConsole}</button> <a href="/">${text.page.notNow}</a></p>
</form>
${otherRegion(view, frame)}
</section>`,
  });
}

// Requested again: the assertion above is valid at one region's page only.
function otherRegion({ role, post, target }: ConsolePostView, { text }: PageContext): Html | undefined {
  if (post.nextRegion === undefined) return undefined;
  const { destination, region } = target;
  return html`<form method="post" action="/portal/console">
<input type="hidden" name="roleArn" value="${role.roleArn}">
<input type="hidden" name="signin_region" value="${post.nextRegion}">
${post.choices > 1 && html`<input type="hidden" name="choose" value="yes">`}
${destination !== undefined && html`<input type="hidden" name="destination" value="${destination}">`}
${region !== undefined && html`<input type="hidden" name="region" value="${region}">`}
<p><button class="quiet">${text.console.postElsewhere(post.nextRegion)}</button></p>
</form>`;
}
