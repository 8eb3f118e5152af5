// Several sinks for one chain. Every required one has a record before it counts; buffered ones follow.
import type { BufferedSink } from './buffered-sink.ts';
import { type AuditSink, PartlyWrittenError } from './sinks.ts';

export interface RequiredSink {
  readonly name: string;
  readonly write: AuditSink;
  /** Over a network: a write that failed may have arrived. */
  readonly isUncertain: boolean;
}

/**
 * What one sink has, the chain contains: lines that another sink missed are written there again before any new ones. Until
 * then nothing is recorded, so that each sink is at most one write behind.
 */
export function createSinkSet(required: readonly RequiredSink[], buffered: readonly BufferedSink[]): AuditSink {
  const owed = new Map<RequiredSink, string>();
  return async (lines, options) => {
    for (const [sink, missed] of owed) {
      await writeTo(sink, missed, options);
      owed.delete(sink);
    }
    const results = await Promise.allSettled(required.map((sink) => writeTo(sink, lines, options)));
    const failed = required.filter((_, index) => results[index]?.status === 'rejected');
    const [failure] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    const isSomewhere = failed.length < required.length || failed.some(({ isUncertain }) => isUncertain);
    if (failure && !isSomewhere) throw failure;
    for (const sink of failed) owed.set(sink, lines);
    for (const sink of buffered) sink.push(lines);
    if (failure) throw new PartlyWrittenError(failure.message, { cause: failure });
  };
}

async function writeTo(sink: RequiredSink, lines: string, options: Parameters<AuditSink>[1]): Promise<void> {
  try {
    await sink.write(lines, options);
  } catch (error) {
    throw new Error(`${sink.name}: ${(error as Error).message}`, { cause: error });
  }
}
