// A sink that the broker does not wait for: records go out in the background, from a bounded buffer, and drops are counted.
import type { AuditSink } from './sinks.ts';

export interface BufferedSink {
  readonly name: string;
  /** Never waits and never throws. */
  push(lines: string): void;
  /** How many records were dropped since the last call. */
  takeDropped(): number;
  /** Tries once more to write the rest. */
  close(): Promise<void>;
}

export interface BufferedSinkDeps {
  readonly name: string;
  readonly write: AuditSink;
  readonly maxRecords: number;
  /** From 0 up to 1: spreads the retries of several processes. */
  readonly jitter: () => number;
  readonly onDrop: (records: number) => void;
  readonly onFailure: (error: Error) => void;
}

const maxBatch = 500;
const [firstDelayMs, longestDelayMs] = [250, 30_000];
const closeMs = 3000;

export function createBufferedSink(deps: BufferedSinkDeps): BufferedSink {
  const { name, write, maxRecords, jitter, onDrop, onFailure } = deps;
  const waiting: string[] = [];
  let [dropped, failures, isClosed] = [0, 0, false];
  let running: Promise<void> | undefined;
  const pause = createPause();
  const writeBatch = async () => {
    const batch = waiting.slice(0, maxBatch);
    try {
      await write(batch.join(''), { isDurable: false });
      waiting.splice(0, batch.length);
      failures = 0;
    } catch (error) {
      // One line for an outage, not for each attempt.
      if (failures++ === 0) onFailure(error as Error);
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures, 10));
      if (!isClosed) await pause.start(delayMs / 2 + (delayMs / 2) * jitter());
    }
  };
  const writeAll = async () => {
    // Once closed, the first failure ends it.
    while (waiting.length > 0 && !(isClosed && failures > 0)) await writeBatch();
    running = undefined;
  };
  return {
    name,
    push: (lines) => {
      const records = lines.split(/(?<=\n)/);
      const fitting = records.slice(0, Math.max(0, maxRecords - waiting.length));
      waiting.push(...fitting);
      const lost = records.length - fitting.length;
      if (lost > 0) onDrop(lost);
      dropped += lost;
      running ??= writeAll();
    },
    takeDropped: () => {
      const taken = dropped;
      dropped = 0;
      return taken;
    },
    close: async () => {
      isClosed = true;
      failures = 0;
      pause.end();
      running ??= writeAll();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeMs);
      });
      await Promise.race([running, late]);
      clearTimeout(timer);
    },
  };
}

/** A wait that can be cut short. */
function createPause() {
  let end = () => {};
  const start = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return { start, end: () => end() };
}
