// Bearer records that are listed. Each counts only together with its entry: an attacker who removes the entry from
// the database ends the record, and cannot hide it.
import type { z } from 'zod';
import { type BearerRecords, createBearerRecords } from './bearer-records.ts';
import type { Entries } from './entries.ts';
import type { KeyValue } from './key-value.ts';
import type { Sealer } from './sealing.ts';

export interface ListedRecords<T, E> extends Omit<BearerRecords<T>, 'create'> {
  /** For an id that was just generated. */
  create(id: string, value: T, ttlMs: number, entry: E): Promise<boolean>;
  /** Undefined where the record has ended. */
  entryOf(handle: string): Promise<E | undefined>;
  /** The name of a record for people and audit records. */
  publicIdOf(handle: string): string;
}

export function createListedRecords<T, E>(
  type: string,
  shape: z.ZodType<T>,
  storage: { keyValue: KeyValue; sealer: Sealer },
  entries: Entries<E>,
): ListedRecords<T, E> {
  const records = createBearerRecords(type, shape, storage);
  const referTo = (handle: string) => ({ type, handle });
  const { handleOf } = records;
  return {
    ...records,
    // Both reads go out together.
    read: async (id) => {
      const [value, entry] = await Promise.all([records.read(id), entries.read(referTo(handleOf(id)))]);
      return entry && value;
    },
    create: async (id, value, ttlMs, entry) => {
      const [isCreated] = await Promise.all([
        records.create(id, value, ttlMs),
        entries.add(referTo(handleOf(id)), entry, ttlMs),
      ]);
      return isCreated;
    },
    touch: async (id, ttlMs) => {
      await Promise.all([records.touch(id, ttlMs), entries.touch(referTo(handleOf(id)), ttlMs)]);
    },
    destroy: async (id) => {
      await Promise.all([records.destroy(id), entries.remove(referTo(handleOf(id)))]);
    },
    destroyByHandle: async (handle) => {
      const [isDestroyed] = await Promise.all([records.destroyByHandle(handle), entries.remove(referTo(handle))]);
      return isDestroyed;
    },
    entryOf: (handle) => entries.read(referTo(handle)),
    publicIdOf: (handle) => entries.idOf(referTo(handle)),
  };
}
