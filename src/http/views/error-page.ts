// The page for everything that went wrong.
import type { ErrorCode } from '../../errors.ts';
import { errorTable } from '../error-table.ts';
import { html } from '../html.ts';
import { type PageFrame, renderPage } from './layout.ts';

export function errorPage(code: ErrorCode, requestId: string, frame: PageFrame): string {
  const { title, help } = errorTable[code];
  // A link, never a redirect: AD FS locks a browser out that comes back six times in a row.
  const action =
    code === 'saml_refused' || code === 'unauthenticated' ? { href: '/login', text: 'Sign in again' } : undefined;
  return renderPage(frame, {
    title,
    body: html`<section class="notice">
<h1>${title}</h1>
<p>${help}</p>
<p>${frame.help}</p>
<p class="actions">${action && html`<a class="button" href="${action.href}">${action.text}</a>`}
<a href="/">To the portal</a></p>
<p class="muted">Request id <code>${requestId}</code></p>
</section>`,
  });
}
