// The one chart of all pages: a value for each day. Widths are parts of the window's and letters keep their size, so it fits
// everywhere. Screen readers hear the summary; the numbers are in a table beside it.
import { type Html, html } from './html.ts';

export interface Bar {
  /** Such as 2026-03-02. */
  readonly date: string;
  readonly value: number;
}

/** Up to so many bars have room for every value and date. */
const maxLabelled = 10;
const [top, base, height] = [18, 118, 138];

/** @param summary for those who do not see it: what the bars show */
export function barChart(title: string, summary: string, bars: readonly Bar[]): Html {
  const max = Math.max(0, ...bars.map(({ value }) => value));
  const isRoomy = bars.length <= maxLabelled;
  const slot = 100 / bars.length;
  const draw = ({ date, value }: Bar, index: number) => {
    const y = max === 0 ? base : base - ((base - top) * value) / max;
    const percent = (part: number) => `${(slot * (index + part)).toFixed(2)}%`;
    const isMax = bars.findIndex((bar) => bar.value === max) === index;
    const isEdge = index === 0 || index === bars.length - 1;
    const anchor = isRoomy ? 'middle' : index === 0 ? 'start' : 'end';
    return html`<rect x="${percent(0.15)}" y="${y.toFixed(1)}" width="${(slot * 0.7).toFixed(2)}%" height="${(base - y).toFixed(1)}"><title>${date}: ${value}</title></rect>
${(isRoomy || isMax) && html`<text x="${percent(0.5)}" y="${(y - 5).toFixed(1)}" text-anchor="middle">${value}</text>`}
${(isRoomy || isEdge) && html`<text class="axis" x="${percent(isRoomy ? 0.5 : index === 0 ? 0 : 1)}" y="${height - 4}" text-anchor="${anchor}">${date.slice(5)}</text>`}`;
  };
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg width="100%" height="${height}" role="img" aria-label="${summary}">
<line x1="0" y1="${base}" x2="100%" y2="${base}"></line>
${bars.map(draw)}
</svg></figure>`;
}
