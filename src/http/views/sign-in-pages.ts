// Before and after a session: choosing an identity provider, and having signed out.
import type { IdentityProvider } from '../../config/config.ts';
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

export function chooserPage(frame: PageFrame, idps: readonly IdentityProvider[], returnTo: string): string {
  return renderPage(frame, {
    title: 'Sign in',
    body: html`<section class="notice">
<h1>Where do you sign in?</h1>
<ul class="choices">${idps.map((idp) => {
      const query = new URLSearchParams({ idp: idp.id, return_to: returnTo });
      return html`<li><a class="button" href="/login?${query.toString()}">${idp.label}</a></li>`;
    })}</ul>
</section>`,
  });
}

export function signedOutPage(frame: PageFrame): string {
  return renderPage(frame, {
    title: 'Signed out',
    body: html`<section class="notice">
<h1>You are signed out</h1>
<p>Consoles and credentials that you opened before go on until they end by themselves.
You may still be signed in at your company's sign-in page: close the browser to end that too.</p>
<p class="actions"><a class="button" href="/login">Sign in</a></p>
</section>`,
  });
}
