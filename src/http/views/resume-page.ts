// Between a session that has ended and the next one.
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

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
