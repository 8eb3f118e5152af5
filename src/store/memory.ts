// KeyValue in this process's memory: for development. Bounded, and it never evicts: full means refused.
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { type KeyValue, oneByOne } from './key-value.ts';

interface Entry {
  readonly value: Buffer;
  expiresAt: number;
}

export function createMemoryStore(clock: Clock, maxEntries = 100_000): KeyValue {
  const { entries, indexes, live, put, take } = createTable(clock, maxEntries);
  const writeIf = (mustExist: boolean) => async (key: string, value: Buffer, ttlMs: number) => {
    if ((live(key) !== undefined) !== mustExist) return false;
    put(key, value, ttlMs);
    return true;
  };
  const create = writeIf(false);
  return {
    read: async (key) => live(key)?.value,
    write: async (key, value, ttlMs) => put(key, value, ttlMs),
    create,
    replace: writeIf(true),
    swap: async (key, expected, value) => {
      const entry = live(key);
      if (!entry?.value.equals(expected)) return false;
      entries.set(key, { ...entry, value });
      return true;
    },
    take: async (key) => take(key),
    createThenTake: async ({ key, value, ttlMs }, takenKey) => {
      const isCreated = await create(key, value, ttlMs);
      return { isCreated, taken: isCreated ? take(takenKey) : undefined };
    },
    inOrder: oneByOne,
    count: async (key, ttlMs, by = 1) => {
      const entry = live(key);
      const count = Number(entry?.value ?? 0) + by;
      if (entry) entries.set(key, { ...entry, value: Buffer.from(String(count)) });
      else put(key, Buffer.from(String(count)), ttlMs);
      return count;
    },
    touch: async (key, ttlMs) => {
      const entry = live(key);
      if (entry) entry.expiresAt = clock.now().getTime() + ttlMs;
    },
    remove: async (key) => void entries.delete(key),
    scan: async function* (prefix) {
      const keys = [...indexes.keys(), ...[...entries.keys()].filter((key) => !key.includes('\n') && live(key))];
      yield keys.filter((key) => key.startsWith(prefix));
    },
    ...indexOperations(entries, indexes, { put, live }),
    check: async () => {},
    close: async () => {
      entries.clear();
      indexes.clear();
    },
  };
}

function indexOperations(
  entries: Map<string, Entry>,
  indexes: Map<string, Set<string>>,
  { put, live }: { put: (key: string, value: Buffer, ttlMs: number) => void; live: (key: string) => Entry | undefined },
): Pick<KeyValue, 'addToIndex' | 'readIndex' | 'removeFromIndex'> {
  const remove = (key: string, member: string): void => {
    entries.delete(memberKey(key, member));
    indexes.get(key)?.delete(member);
    if (indexes.get(key)?.size === 0) indexes.delete(key);
  };
  return {
    addToIndex: async (key, member, ttlMs, most = Number.POSITIVE_INFINITY) => {
      put(memberKey(key, member), Buffer.alloc(0), ttlMs);
      const members = (indexes.get(key) ?? new Set()).add(member);
      indexes.set(key, members);
      if (members.size <= most) return;
      const endOf = (each: string) => entries.get(memberKey(key, each))?.expiresAt ?? 0;
      const byEnd = [...members].sort((a, b) => endOf(a) - endOf(b));
      for (const first of byEnd.slice(0, -most)) remove(key, first);
    },
    readIndex: async (key) => [...(indexes.get(key) ?? [])].filter((member) => live(memberKey(key, member))),
    removeFromIndex: async (key, member) => remove(key, member),
  };
}

function memberKey(key: string, member: string): string {
  return `${key}\n${member}`;
}

/** Entries that end, and indexes of them: an index holds the names of its members, each an entry with its own expiry. */
function createTable(clock: Clock, maxEntries: number) {
  const entries = new Map<string, Entry>();
  const indexes = new Map<string, Set<string>>();
  const sweep = (now: number): void => {
    for (const [key, entry] of entries) if (entry.expiresAt <= now) entries.delete(key);
    for (const [key, members] of indexes) {
      for (const member of members) if (!entries.has(memberKey(key, member))) members.delete(member);
      if (members.size === 0) indexes.delete(key);
    }
  };
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry && entry.expiresAt <= clock.now().getTime()) entries.delete(key);
    return entries.get(key);
  };
  const put = (key: string, value: Buffer, ttlMs: number): void => {
    if (!entries.has(key) && entries.size >= maxEntries) sweep(clock.now().getTime());
    if (!entries.has(key) && entries.size >= maxEntries) {
      throw new BrokerError('store_unavailable', 'the memory store is full', { details: { entries: entries.size } });
    }
    entries.set(key, { value, expiresAt: clock.now().getTime() + ttlMs });
  };
  const take = (key: string): Buffer | undefined => {
    const entry = live(key);
    entries.delete(key);
    return entry?.value;
  };
  return { entries, indexes, live, put, take };
}
