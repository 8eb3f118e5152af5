// That the broker could not be reached a moment ago, so that not every process finds out by waiting for a time-out.
import { join } from 'node:path';
import type { CliContext } from './context.ts';
import { readJson, writePrivate } from './files.ts';
import { brokerFolder, cacheDirectory } from './paths.ts';

export interface Outage {
  readonly at: number;
  readonly message: string;
}

const outageFile = (context: CliContext, broker: string) =>
  join(cacheDirectory(context), brokerFolder(broker), 'outage.json');

/** The last one, if it was noticed at `since` (milliseconds since 1970) or later. */
export function outageSince(context: CliContext, broker: string, since: number): Outage | undefined {
  const { at, message } = (readJson(context, outageFile(context, broker)) ?? {}) as { at?: unknown; message?: unknown };
  if (typeof at !== 'number' || typeof message !== 'string') return undefined;
  return at >= since && at <= context.clock.now().getTime() ? { at, message } : undefined;
}

export function noteOutage(context: CliContext, broker: string, message: string): void {
  const outage: Outage = { at: context.clock.now().getTime(), message };
  writePrivate(outageFile(context, broker), `${JSON.stringify(outage)}\n`);
}
