// Waiting for something that becomes true in another process: poll with a limit, never a bare sleep and a hope.
import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until it gives up; default 60 000: more than any wait takes on a busy machine. */
  timeoutMilliseconds?: number;
  /** Milliseconds between two looks; default 20. */
  intervalMilliseconds?: number;
}

/**
 * Repeats `look` until it answers something truthy, and returns that. An exception counts as "not yet".
 * @throws Error with `what` and the last exception when the time is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMilliseconds = 60_000, intervalMilliseconds = 20 } = options;
  const deadline = performance.now() + timeoutMilliseconds;
  let cause: unknown;
  do {
    try {
      const seen = await look();
      if (seen) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(intervalMilliseconds);
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeoutMilliseconds} ms in vain for ${what}`, { cause });
}
