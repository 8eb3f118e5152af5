// The icons of all pages: our own drawings on a grid of 16 px, in the colour of the text around them. Each icon holds its
// drawing: a browser takes longer for thousands of references to one (<use>), and compressed both weigh the same.
import { type Html, html } from './html.ts';

/** Lines, unless a width makes dots of them. */
const drawings = {
  check: html`<path d="M3 8.5 6.5 12 13 4.5"/>`,
  chevron: html`<path d="M3.5 6 8 10.5 12.5 6"/>`,
  copy: html`<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"/>`,
  cross: html`<path d="m4 4 8 8m0-8-8 8"/>`,
  down: html`<path d="M8 3v10M3.5 8.5 8 13l4.5-4.5"/>`,
  grip: html`<path stroke-width="2.25" d="M6 3.5h0m4 0h0M6 8h0m4 0h0m-4 4.5h0m4 0h0"/>`,
  info: html`<circle cx="8" cy="8" r="6.25"/><path d="M8 7.5V11M8 5h.01"/>`,
  more: html`<path stroke-width="2.5" d="M3 8h0m5 0h0m5 0h0"/>`,
  search: html`<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`,
  star: html`<path d="m8 1.8 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z"/>`,
  up: html`<path d="M8 13V3M3.5 7.5 8 3l4.5 4.5"/>`,
  user: html`<circle cx="8" cy="5" r="2.8"/><path d="M2.8 14c.4-2.9 2.4-4.3 5.2-4.3s4.8 1.4 5.2 4.3"/>`,
  warning: html`<path d="m8 2 6.5 11.5h-13zM8 6.5V10M8 11.8h.01"/>`,
};

type IconName = keyof typeof drawings;
const entries = Object.entries(drawings) as [IconName, Html][];

/** Beside the words or the label that say the same: `icons.star`. */
export const icons = Object.fromEntries(
  entries.map(([name, drawing]) => [
    name,
    html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${drawing}</svg>`,
  ]),
) as Readonly<Record<IconName, Html>>;

/** What scripts copy icons from, once in each page. */
export const iconSprite = html`<svg class="sprite" aria-hidden="true">${entries.map(
  ([name, drawing]) => html`<g id="icon-${name}">${drawing}</g>`,
)}</svg>`;
