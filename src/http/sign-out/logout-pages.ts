// After a session: on the way to the identity provider, and having signed out.

import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';

/** How far the sign-out got beyond this site; `unasked`: only here. */
export const reaches = ['complete', 'unasked', 'partial', 'failed'] as const;
export type Reach = (typeof reaches)[number];

/** A page and not a redirect: browsers hold every redirect after a form to the form-action of the page it was on. */
export function continueLogoutPage(frame: PageFrame, { url, idpLabel }: { url: string; idpLabel: string }): string {
  const { text } = frame;
  return renderPage(frame, {
    title: text.signingOutTitle,
    goesTo: url,
    body: html`<section class="notice">
<h1>${text.signingOutTitle}</h1>
<p>${text.signingOutText(idpLabel)}</p>
<p class="actions"><a class="button" href="${url}">${text.continueOn}</a></p>
</section>`,
  });
}

export function signedOutPage(frame: PageFrame, reach: Reach, commandLineGoesOn: boolean): string {
  const { text } = frame;
  const elsewhere = text.signedOutElsewhere[reach];
  return renderPage(frame, {
    title: text.signedOutTitle,
    body: html`<section class="notice">
<h1>${text.signedOutTitle}</h1>
${elsewhere !== '' && html`<p>${elsewhere}</p>`}
<p>${text.signedOutConsoles}</p>
${commandLineGoesOn && html`<p>${text.oauth.goesOn} <a href="/command-line">${text.oauth.seeAndEnd}</a></p>`}
<p class="actions"><a class="button" href="/login">${text.signIn}</a></p>
</section>`,
  });
}
