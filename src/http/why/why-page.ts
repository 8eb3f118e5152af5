// "Why don't I have that role?", answered for the person who asks.

import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Html, html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';
import { type Explained, explanationList, searchFields } from './explanations.ts';

export interface WhyView extends Explained {
  readonly session: SignedInSession;
  readonly idpLabel: string;
}

export function whyPage(frame: PageFrame, view: WhyView): string {
  const { text, help } = frame;
  const { insight } = text;
  const isSearch = view.role !== '' || view.account !== '';
  return renderPage(frame, {
    title: insight.whyTitle,
    person: view.session.identity,
    body: html`<h1>${insight.whyTitle}</h1>
<p>${insight.whyIntro}</p>
<form class="search-form" role="search" method="get" action="/why">
${searchFields(view, text)}
<button>${insight.search}</button>
${isSearch && html`<a href="/why">${insight.showAll}</a>`}
</form>
${explanationList(view, text, help)}
${brought(frame, view)}
<p><a href="/">${text.backToAccounts}</a></p>`,
  });
}

/** What policy reads of a sign-in, and nothing else that the identity provider may have sent. */
function brought({ text }: PageFrame, { session, idpLabel }: WhyView): Html {
  const { insight } = text;
  const { user, displayName, groups, authnContexts, authnInstant } = session.identity;
  const at = new Date(authnInstant).toISOString();
  return html`<h2 class="plain">${insight.sentBy}</h2>
<dl class="facts">
<dt>${insight.identityProvider}</dt><dd>${idpLabel}</dd>
<dt>${insight.signedInAs}</dt><dd>${displayName} <span class="muted">${user}</span></dd>
<dt>${insight.signedInAt}</dt><dd><time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time></dd>
<dt>${insight.contexts}</dt><dd>${codes(authnContexts, insight.none)}</dd>
<dt>${insight.groups(groups.length)}</dt><dd>${codes(groups, insight.none)}</dd>
</dl>
<p class="muted">${text.groupsExact}</p>`;
}

function codes(values: readonly string[], none: string): Html {
  return values.length === 0
    ? html`${none}`
    : html`<ul>${values.map((value) => html`<li><code>${value}</code></li>`)}</ul>`;
}
