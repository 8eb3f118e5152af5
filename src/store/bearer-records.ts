// Records of which only the bearer of a secret can read or change one: sessions, command-line grants, tokens. What was
// destroyed never returns: writes go only over what exists, unless the id was just generated.
import type { z } from 'zod';
import type { KeyValue } from './key-value.ts';
import { hashedKey, type Sealer } from './sealing.ts';

export interface BearerRecords<T> {
  read(id: string): Promise<T | undefined>;
  /** For an id that was just generated. */
  create(id: string, value: T, ttlMs: number): Promise<boolean>;
  /** For a record that was read before; false if it has been destroyed since. */
  replace(id: string, value: T, ttlMs: number): Promise<boolean>;
  /**
   * Compare and set, for what may happen once: of many concurrent callers one gets true.
   * @param change what the record is to become; undefined for "not any more"
   */
  change(id: string, change: (value: T) => T | undefined): Promise<boolean>;
  touch(id: string, ttlMs: number): Promise<void>;
  destroy(id: string): Promise<void>;
  /** The name of a record for those who may end it but not use it: short, so that Redis packs an index of them. */
  handleOf(id: string): string;
  /** @returns whether there was such a record */
  destroyByHandle(handle: string): Promise<boolean>;
}

export function createBearerRecords<T>(
  type: string,
  shape: z.ZodType<T>,
  { keyValue, sealer }: { keyValue: KeyValue; sealer: Sealer },
): BearerRecords<T> {
  const key = (id: string) => hashedKey(type, id);
  const named = (handle: string) => `${type}:${handle}`;
  const sealed = (id: string, value: T) => sealer.seal(value, { type, key: key(id), owner: id });
  const open = (id: string, found: Buffer | undefined) =>
    found && sealer.open(shape, found, { type, key: key(id), owner: id });
  return {
    read: async (id) => open(id, await keyValue.read(key(id))),
    create: (id, value, ttlMs) => keyValue.create(key(id), sealed(id, value), ttlMs),
    replace: (id, value, ttlMs) => keyValue.replace(key(id), sealed(id, value), ttlMs),
    change: async (id, change) => {
      const found = await keyValue.read(key(id));
      const value = open(id, found);
      const next = value === undefined ? undefined : change(value);
      return found !== undefined && next !== undefined && keyValue.swap(key(id), found, sealed(id, next));
    },
    touch: (id, ttlMs) => keyValue.touch(key(id), ttlMs),
    destroy: (id) => keyValue.remove(key(id)),
    handleOf: (id) => key(id).slice(type.length + 1),
    destroyByHandle: async (handle) => (await keyValue.take(named(handle))) !== undefined,
  };
}
