// What several pages draw in the same way: the line that unfolds, a problem in one line, and the button that copies.
import { type Html, html } from './html.ts';
import { icons } from './icons.ts';
import type { Messages } from './messages/en.ts';

/** The first element of a <details>. */
export function summary(label: Html | string): Html {
  return html`<summary>${icons.chevron}${label}</summary>`;
}

export function problemLine(label: string): Html {
  return html`<span class="danger">${icons.warning} ${label}</span>`;
}

/** A script shows it and makes it work. `attributes` say what it copies. */
export function copyButton(attributes: Html, { page }: Messages): Html {
  return html`<button type="button" class="copy" ${attributes} hidden>${icons.copy} <span>${page.copy}</span></button>`;
}
