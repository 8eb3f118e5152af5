// The one timeline of all pages: for each thing a bar from its start to its end, in a table that has the dates in letters.
import { dataTable } from './data-table.ts';
import { type Html, html } from './html.ts';
import { timeTag } from './time-tag.ts';

export interface Span {
  readonly name: Html | string;
  /** Undefined: unknown, or without an end. */
  readonly startsAt: Date | undefined;
  readonly endsAt: Date | undefined;
  /** Such as `ends in 12 days`. */
  readonly remark: string;
  readonly tone: 'plain' | 'warn' | 'danger';
}

/** What the bars show: from a month ago to a year ahead. */
const dayMs = 86_400_000;
const [pastMs, aheadMs] = [30 * dayMs, 365 * dayMs];

interface TimelineTexts {
  readonly caption: string;
  readonly columns: readonly [name: string, start: string, end: string, remaining: string];
}

export function timeline(texts: TimelineTexts, spans: readonly Span[], now: Date): Html {
  const [name, start, end, remaining] = texts.columns;
  return dataTable(
    texts.caption,
    [name, start, end, remaining],
    spans.map((span) => [
      html`${span.name}`,
      span.startsAt ? timeTag(span.startsAt) : '–',
      span.endsAt ? timeTag(span.endsAt) : '–',
      html`<span class="tag ${span.tone}">${span.remark}</span>${bar(span, now)}`,
    ]),
  );
}

function bar({ startsAt, endsAt, tone }: Span, now: Date): Html {
  const place = (at: number) => Math.min(100, Math.max(0, (100 * (at - now.getTime() + pastMs)) / (pastMs + aheadMs)));
  const from = place(startsAt?.getTime() ?? 0);
  const to = place(endsAt?.getTime() ?? Number.MAX_SAFE_INTEGER);
  const today = place(now.getTime());
  return html`<svg class="span ${tone}" width="100%" height="16" aria-hidden="true">
<rect x="${from.toFixed(2)}%" y="5" width="${Math.max(0.5, to - from).toFixed(2)}%" height="6"></rect>
<line x1="${today.toFixed(2)}%" y1="0" x2="${today.toFixed(2)}%" y2="16"></line></svg>`;
}
