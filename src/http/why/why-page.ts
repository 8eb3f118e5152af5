// "Why don't I have that role?", answered for the person who asks.

import type { IdentityHint } from '../../access/identity-hints.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { showInvisible } from '../../invisible-characters.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageContext } from '../page/page-types.ts';
import { type ExplanationView, explanationList, hintList, searchFields } from './explanations.ts';

export interface WhyView extends ExplanationView {
  readonly session: SignedInSession;
  readonly idpLabel: string;
  readonly hints: readonly IdentityHint[];
}

export function whyPage(frame: PageContext, view: WhyView): string {
  const { text, help } = frame;
  const { why } = text;
  const isSearch = view.role !== '' || view.account !== '';
  return renderPage(frame, {
    title: why.whyTitle,
    person: view.session.identity,
    body: html`<h1>${why.whyTitle}</h1>
<p>${why.whyIntro}</p>
<form class="search-form" role="search" method="get" action="/why">
${searchFields(view, text)}
<button>${why.search}</button>
${isSearch && html`<a href="/why">${why.showAll}</a>`}
</form>
${explanationList(view, text, help)}
${brought(frame, view)}
<p><a href="/">${text.page.backToAccounts}</a></p>`,
  });
}

/** What policy reads of a sign-in, and nothing else that the identity provider may have sent. */
function brought({ text }: PageContext, { session, idpLabel, hints }: WhyView): Html {
  const { why } = text;
  const { user, displayName, groups, authnContexts, authnInstant } = session.identity;
  const at = new Date(authnInstant).toISOString();
  return html`<h2 class="plain">${why.sentBy}</h2>
<dl class="facts">
<dt>${why.identityProvider}</dt><dd>${idpLabel}</dd>
<dt>${why.signedInAs}</dt><dd>${displayName} <span class="muted">${user}</span></dd>
<dt>${why.signedInAt}</dt><dd><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></dd>
<dt>${why.contexts}</dt><dd>${codes(authnContexts, why.none)}</dd>
<dt>${why.groups(groups.length)}</dt><dd>${codes(groups, why.none)}</dd>
</dl>
${hintList(hints, text)}
<p class="muted">${text.portal.groupsExact}</p>`;
}

function codes(values: readonly string[], none: string): Html {
  return values.length === 0
    ? html`${none}`
    : html`<ul>${values.map((value) => html`<li><code>${showInvisible(value)}</code></li>`)}</ul>`;
}
