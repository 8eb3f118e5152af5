// A small page: a title, some sentences, and where one can go from there.
import type { Person } from './header.ts';
import { type Html, html } from './html.ts';
import { renderPage } from './layout.ts';
import type { PageContext } from './page-types.ts';

export interface Notice {
  readonly title: string;
  /** Where it differs from the title. */
  readonly heading?: string;
  /** Each text is a paragraph. */
  readonly body?: readonly (string | Html | undefined)[];
  readonly actions?: readonly Html[];
  readonly after?: Html;
  /** Where the browser goes by itself, at once and without a script. */
  readonly goesTo?: string;
  readonly person?: Person | undefined;
  /** `x` loads /assets/x.js. */
  readonly script?: string;
}

export function noticePage(context: PageContext, notice: Notice): string {
  const { title, heading = title, body = [], actions = [], after, ...page } = notice;
  const paragraph = (part: string | Html | undefined) =>
    typeof part === 'string' ? html`<p>${part}</p>` : html`${part}`;
  return renderPage(context, {
    ...page,
    title,
    body: html`<section class="notice">
<h1>${heading}</h1>
${body.map(paragraph)}
${actions.length > 0 && html`<p class="actions">${actions}</p>`}
${after}
</section>`,
  });
}

export function buttonTo(href: string, label: string): Html {
  return html`<a class="button" href="${href}">${label}</a> `;
}

export function linkTo(href: string, label: string): Html {
  return html`<a href="${href}">${label}</a> `;
}
