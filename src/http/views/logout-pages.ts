// After a session: on the way to the identity provider, and having signed out.
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

/** How far the sign-out got beyond this site; `unasked`: only here. */
export const reaches = ['complete', 'unasked', 'partial', 'failed'] as const;
export type Reach = (typeof reaches)[number];

/** A page and not a redirect: browsers hold every redirect after a form to the form-action of the page it was on. */
export function continueLogoutPage(frame: PageFrame, { url, idpLabel }: { url: string; idpLabel: string }): string {
  return renderPage(frame, {
    title: 'Signing out',
    goesTo: url,
    body: html`<section class="notice">
<h1>You are signed out here</h1>
<p>Next, ${idpLabel} signs you out as well.</p>
<p class="actions"><a class="button" href="${url}">Continue</a></p>
</section>`,
  });
}

const elsewhere: Readonly<Record<Reach, string>> = {
  complete: '',
  unasked: "You may still be signed in at your company's sign-in page: close the browser to end that too.",
  partial: 'Your company signed you out, but some applications did not answer: close the browser to end those too.',
  failed: "Your company's sign-in page could not sign you out: close the browser to end that too.",
};

export function signedOutPage(frame: PageFrame, reach: Reach): string {
  return renderPage(frame, {
    title: 'Signed out',
    body: html`<section class="notice">
<h1>You are signed out</h1>
${elsewhere[reach] !== '' && html`<p>${elsewhere[reach]}</p>`}
<p>Consoles and credentials that you opened before go on until they end by themselves.</p>
<p class="actions"><a class="button" href="/login">Sign in</a></p>
</section>`,
  });
}
