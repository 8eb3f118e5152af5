// That the broker, or STS, could not be reached a moment ago, so that not every process finds out by waiting for a time-out.
import { join } from 'node:path';
import type { CliContext } from './context.ts';
import { readJson, writePrivate } from './files.ts';
import { brokerFolder, cacheDirectory } from './paths.ts';

export interface Outage {
  readonly at: number;
  readonly message: string;
}

/** What did not answer. */
export type OutageSource = 'broker' | 'sts';

const outageFile = (context: CliContext, broker: string, source: OutageSource) =>
  join(cacheDirectory(context), brokerFolder(broker), source === 'broker' ? 'outage.json' : `outage-${source}.json`);

/** The last one, if it was noticed at `since` (milliseconds since 1970) or later. */
export function outageSince(
  context: CliContext,
  broker: string,
  source: OutageSource,
  since: number,
): Outage | undefined {
  const found = (readJson(context, outageFile(context, broker, source)) ?? {}) as Record<string, unknown>;
  const { at, message } = found;
  if (typeof at !== 'number' || typeof message !== 'string') return undefined;
  return at >= since && at <= context.clock.now().getTime() ? { at, message } : undefined;
}

export function noteOutage(context: CliContext, broker: string, source: OutageSource, message: string): void {
  const outage: Outage = { at: context.clock.now().getTime(), message };
  writePrivate(outageFile(context, broker, source), `${JSON.stringify(outage)}\n`);
}
