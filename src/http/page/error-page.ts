// The page for everything that went wrong.

import type { ErrorCode } from '../../errors.ts';
import { html } from './html.ts';
import { renderPage } from './layout.ts';
import type { PageFrame } from './page-types.ts';

export function errorPage(code: ErrorCode, requestId: string, frame: PageFrame): string {
  const { text } = frame;
  const { title, help } = text.errors[code];
  // A link, never a redirect: AD FS locks a browser out that comes back six times in a row.
  const isSignIn = code === 'saml_refused' || code === 'openid_refused' || code === 'unauthenticated';
  return renderPage(frame, {
    title,
    person: frame.session,
    body: html`<section class="notice">
<h1>${title}</h1>
<p>${help}</p>
<p>${frame.help}</p>
<p class="actions">${isSignIn && html`<a class="button" href="/login">${text.signInAgain}</a>`}
${code === 'role_not_granted' && html`<a class="button" href="/why">${text.insight.whyLink}</a>`}
<a href="/">${text.toPortal}</a></p>
<p class="muted">${text.requestId} <code>${requestId}</code></p>
</section>`,
  });
}
