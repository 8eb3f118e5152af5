// Records that can be listed and ended: beside the record that only its bearer can read, an entry that a server key
// opens. A scan of the database finds the entries, so a list cannot omit one.
import { hash } from 'node:crypto';
import { z } from 'zod';
import { inBatches } from './in-batches.ts';
import type { KeyValue } from './key-value.ts';
import type { Sealer } from './sealing.ts';

/** Where a bearer's record is. */
interface RecordReference {
  readonly type: string;
  readonly handle: string;
}

export interface Listed<E> {
  /** For people, audit records and ending; opens nothing. */
  readonly id: string;
  readonly record: RecordReference;
  readonly entry: E;
}

/** Every method throws BrokerError store_unavailable. */
export interface Entries<E> {
  idOf(record: RecordReference): string;
  /** For a record that was just made. */
  add(record: RecordReference, entry: E, ttlMs: number): Promise<boolean>;
  read(record: RecordReference): Promise<E | undefined>;
  touch(record: RecordReference, ttlMs: number): Promise<void>;
  remove(record: RecordReference): Promise<void>;
  find(id: string): Promise<Listed<E> | undefined>;
  /** How many there are, by their names alone. */
  count(): Promise<number>;
  /** Every entry that is there from the beginning to the end of the walk. */
  all(): AsyncIterable<Listed<E>>;
}

export function createEntries<E>(
  shape: z.ZodType<E>,
  { keyValue, sealer }: { keyValue: KeyValue; sealer: Sealer },
): Entries<E> {
  const storedShape = z.object({ record: z.object({ type: z.string(), handle: z.string() }), entry: shape });
  const nameOf = (id: string) => ({ type: 'entry', key: `entry:${id}`, owner: id });
  const find = async (id: string): Promise<Listed<E> | undefined> => {
    const sealed = await keyValue.read(nameOf(id).key);
    const stored = sealed && sealer.open(storedShape, sealed, nameOf(id));
    return stored && { id, ...stored };
  };
  return {
    idOf,
    add: (record, entry, ttlMs) => {
      const name = nameOf(idOf(record));
      return keyValue.create(name.key, sealer.seal({ record, entry }, name), ttlMs);
    },
    read: async (record) => (await find(idOf(record)))?.entry,
    touch: (record, ttlMs) => keyValue.touch(nameOf(idOf(record)).key, ttlMs),
    remove: (record) => keyValue.remove(nameOf(idOf(record)).key),
    find,
    count: async () => {
      const keys = new Set<string>();
      for await (const found of keyValue.scan('entry:')) for (const key of found) keys.add(key);
      return keys.size;
    },
    all: async function* () {
      const seen = new Set<string>();
      for await (const keys of keyValue.scan('entry:')) {
        const ids = keys.map((key) => key.slice('entry:'.length)).filter((id) => !seen.has(id));
        for (const listed of await inBatches(ids, find)) {
          if (listed && !seen.has(listed.id)) yield listed;
          if (listed) seen.add(listed.id);
        }
      }
    },
  };
}

function idOf({ type, handle }: RecordReference): string {
  return hash('sha256', `record id\0${type}\0${handle}`, 'base64url').slice(0, 22);
}
