// Before a session: choosing an identity provider.

import type { SignInSystem } from '../../config/config.ts';
import { html } from '../page/html.ts';
import { renderPage } from '../page/layout.ts';
import type { PageFrame } from '../page/page-types.ts';

export interface Choice {
  readonly idps: readonly SignInSystem[];
  /** The one that this browser used before. */
  readonly last: string | undefined;
  readonly returnTo: string;
}

export function chooserPage(frame: PageFrame, { idps, last, returnTo }: Choice): string {
  const { text } = frame;
  const inOrder = [...idps].sort((a, b) => Number(b.id === last) - Number(a.id === last));
  return renderPage(frame, {
    title: text.signIn,
    body: html`<section class="notice">
<h1>${text.chooserTitle}</h1>
<ul class="choices">${inOrder.map((idp) => {
      const query = new URLSearchParams({ idp: idp.id, return_to: returnTo });
      return html`<li><a class="button" href="/login?${query.toString()}">${idp.label}</a>
${idp.id === last && html`<span class="muted">${text.lastUsed}</span>`}</li>`;
    })}</ul>
</section>`,
  });
}
