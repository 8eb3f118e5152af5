// Between a session that has ended and the next one, and where none can begin.

import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';

export function resumePage(frame: PageFrame, login: string): string {
  const { insight, signInAgain } = frame.text;
  return renderPage(frame, {
    title: insight.resumeTitle,
    goesTo: login,
    body: html`<section class="notice">
<h1>${insight.resumeTitle}</h1>
<p>${insight.resumeGoesOn}</p>
<p class="actions"><a class="button" href="${login}">${signInAgain}</a></p>
</section>`,
  });
}

/** In another page: the way out of it. */
export function framedPage(frame: PageFrame, login: string): string {
  const { insight, signIn } = frame.text;
  return renderPage(frame, {
    title: insight.framedTitle,
    body: html`<section class="notice">
<h1>${insight.framedTitle}</h1>
<p>${insight.framedText}</p>
<p class="actions"><a class="button" href="${login}" target="_blank" rel="noopener">${signIn}</a></p>
</section>`,
  });
}
