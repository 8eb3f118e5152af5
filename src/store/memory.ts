// KeyValue in this process's memory: for development. Bounded, and it never evicts: full means refused.
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { KeyValue } from './key-value.ts';

interface Entry {
  readonly value: Buffer;
  expiresAt: number;
}

export function createMemoryStore(clock: Clock, maxEntries = 100_000): KeyValue {
  const entries = new Map<string, Entry>();
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry && entry.expiresAt <= clock.now().getTime()) entries.delete(key);
    return entries.get(key);
  };
  const put = (key: string, value: Buffer, ttlMs: number): void => {
    if (!entries.has(key) && entries.size >= maxEntries) sweep(entries, clock.now().getTime());
    if (!entries.has(key) && entries.size >= maxEntries) {
      throw new BrokerError('store_unavailable', 'the memory store is full', { details: { entries: entries.size } });
    }
    entries.set(key, { value, expiresAt: clock.now().getTime() + ttlMs });
  };
  const write = (mustExist: boolean) => async (key: string, value: Buffer, ttlMs: number) => {
    if ((live(key) !== undefined) !== mustExist) return false;
    put(key, value, ttlMs);
    return true;
  };
  return {
    read: async (key) => live(key)?.value,
    create: write(false),
    replace: write(true),
    take: async (key) => {
      const entry = live(key);
      entries.delete(key);
      return entry?.value;
    },
    touch: async (key, ttlMs) => {
      const entry = live(key);
      if (entry) entry.expiresAt = clock.now().getTime() + ttlMs;
    },
    remove: async (key) => void entries.delete(key),
    check: async () => {},
    close: async () => entries.clear(),
  };
}

function sweep(entries: Map<string, Entry>, now: number): void {
  for (const [key, entry] of entries) if (entry.expiresAt <= now) entries.delete(key);
}
