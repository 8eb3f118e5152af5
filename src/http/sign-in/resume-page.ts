// Between a session that has ended and the next one, and where none can begin.

import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';

export function resumePage(frame: PageFrame, login: string): string {
  const { signIn, page } = frame.text;
  return renderPage(frame, {
    title: signIn.resumeTitle,
    goesTo: login,
    body: html`<section class="notice">
<h1>${signIn.resumeTitle}</h1>
<p>${signIn.resumeGoesOn}</p>
<p class="actions"><a class="button" href="${login}">${page.signInAgain}</a></p>
</section>`,
  });
}

/** In another page: the way out of it. */
export function framedPage(frame: PageFrame, login: string): string {
  const { signIn, page } = frame.text;
  return renderPage(frame, {
    title: signIn.framedTitle,
    body: html`<section class="notice">
<h1>${signIn.framedTitle}</h1>
<p>${signIn.framedText}</p>
<p class="actions"><a class="button" href="${login}" target="_blank" rel="noopener">${page.signIn}</a></p>
</section>`,
  });
}
