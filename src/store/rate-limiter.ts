// How much work one subject (an address, a person) may cause. This process decides from memory; in the background it adds
// what it admitted to a counter in the store, and counts what the other processes admitted.
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';
import type { KeyValue } from './key-value.ts';
import { hashedKey } from './sealing.ts';

export interface RateLimit {
  /** What a subject may spend per minute in the long run; 0 for no limit. */
  readonly perMinute: number;
  /** What it may spend at once: all of a window of `burst / perMinute` minutes. */
  readonly burst: number;
}

export interface RateLimiter {
  /** @returns milliseconds until the subject may continue; undefined if it may now */
  take(subject: string, cost: number): Promise<number | undefined>;
  /** Undoes a `take`. */
  giveBack(subject: string, cost: number): Promise<void>;
  /** Exchanges counters with the other processes, once. Never throws: without the store each process counts for itself. */
  exchange(): Promise<void>;
}

export interface RateLimiterDeps {
  readonly keyValue: KeyValue;
  readonly clock: Clock;
}

/** What one subject spent in one window. */
interface Usage {
  readonly subject: string;
  /** Admitted here. */
  admitted: number;
  /** Added to the counter in the store. */
  told: number;
  /** Admitted by other processes, as far as this one knows. */
  byOthers: number;
}

/** Beyond this the least recently used subject is forgotten: it then has what a new one has. */
const maxSubjects = 10_000;
/** Subjects told to the store in one exchange. */
const maxTold = 100;
/** Who spent less than this share of the limit is not worth a command. */
const toldFrom = 1 / 10;
const minuteMs = 60_000;

/** @param purpose keeps the counters of several limiters apart */
export function createRateLimiter(
  purpose: string,
  { perMinute, burst }: RateLimit,
  { keyValue, clock }: RateLimiterDeps,
): RateLimiter {
  if (perMinute === 0) return unlimited;
  const windowMs = Math.max(1000, (burst * minuteMs) / perMinute);
  const limit = Math.max(burst, perMinute / 60);
  const memory = new RateLimiterMemory({ points: limit, duration: windowMs / 1000, keyPrefix: '' });
  const usages = new Map<string, Usage>();
  // All processes share the same windows, so the number of the window is in the key.
  const windowAt = (now: number) => Math.floor(now / windowMs);
  const keyOf = (subject: string, now: number) => `${windowAt(now)} ${subject}`;
  const usageOf = (key: string, subject: string): Usage => {
    const usage = usages.get(key) ?? { subject, admitted: 0, told: 0, byOthers: 0 };
    // In the order of last use.
    usages.delete(key);
    usages.set(key, usage);
    if (usages.size > maxSubjects) forget(usages.keys().next().value!);
    return usage;
  };
  const forget = (key: string) => {
    usages.delete(key);
    void memory.delete(key);
  };
  const tell = async (key: string, usage: Usage): Promise<void> => {
    const added = Math.ceil(usage.admitted - usage.told);
    const total = await keyValue.count(hashedKey('limit', `${purpose}\0${key}`), windowMs, added);
    usage.told += added;
    const byOthers = total - usage.told;
    if (byOthers <= usage.byOthers) return;
    await memory.penalty(key, byOthers - usage.byOthers);
    usage.byOthers = byOthers;
  };
  return {
    take: async (subject, cost) => {
      const now = clock.now().getTime();
      const key = keyOf(subject, now);
      const usage = usageOf(key, subject);
      const { consumedPoints } = await memory.penalty(key, cost);
      if (consumedPoints > limit) return (windowAt(now) + 1) * windowMs - now;
      usage.admitted += cost;
      return undefined;
    },
    giveBack: async (subject, cost) => {
      const key = keyOf(subject, clock.now().getTime());
      const usage = usages.get(key);
      if (!usage) return;
      usage.admitted -= cost;
      await memory.reward(key, cost);
    },
    exchange: async () => {
      const now = clock.now().getTime();
      for (const [key, { subject }] of usages) if (key !== keyOf(subject, now)) forget(key);
      const due = [...usages].filter(([, { admitted, told }]) => admitted - told >= 1 && admitted >= limit * toldFrom);
      await Promise.allSettled(due.slice(0, maxTold).map(([key, usage]) => tell(key, usage)));
    },
  };
}

const unlimited: RateLimiter = {
  take: async () => undefined,
  giveBack: async () => {},
  exchange: async () => {},
};
