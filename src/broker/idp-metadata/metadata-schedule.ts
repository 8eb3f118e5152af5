// When metadata is fetched next. Pure: the same facts give the same delay.

export interface FetchFacts {
  readonly refreshMs: number;
  readonly cacheDurationMs: number | undefined;
  /** Milliseconds that the metadata is still valid; undefined without validUntil. */
  readonly validMs: number | undefined;
  /** From 0 to below 1. */
  readonly chance: number;
}

const minuteMs = 60_000;
const firstRetryMs = 30_000;
const longestRetryMs = 3_600_000;

/** After a success: no later than configured, than the document's cacheDuration, and than halfway to its validUntil. */
export function nextRefreshMs({ refreshMs, cacheDurationMs, validMs, chance }: FetchFacts): number {
  const wished = Math.min(refreshMs, cacheDurationMs ?? refreshMs, validMs === undefined ? refreshMs : validMs / 2);
  // A document that says "now" must not make us call its server all the time. The jitter keeps processes apart.
  return Math.max(minuteMs, wished) * (1 - chance / 10);
}

/** After `failures` failures in a row: twice as long each time, up to an hour and never beyond the usual interval. */
export function retryMs(failures: number, { refreshMs, chance }: Pick<FetchFacts, 'refreshMs' | 'chance'>): number {
  const wished = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 20), longestRetryMs, refreshMs);
  return wished * (1 - chance / 2);
}
