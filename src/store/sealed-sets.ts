// Sets of sealed values, one set for each owner. Adding one value is one operation, and what a reader of the database sees
// is how many values there are and when each ends.
import type { z } from 'zod';
import type { KeyValue } from './key-value.ts';
import type { Sealer } from './sealing.ts';

/** Every method throws BrokerError store_unavailable. */
export interface SealedSets<T> {
  /** Of more than the limit, those that end first are dropped. */
  add(owner: string, value: T, ttlMs: number): Promise<void>;
  /** The values of each owner; of an owner whose set is written under two secrets in two parts. */
  all(): AsyncIterable<readonly T[]>;
}

/** @param most values of one owner */
export function createSealedSets<T>(
  type: string,
  shape: z.ZodType<T>,
  most: number,
  { keyValue, sealer }: { keyValue: KeyValue; sealer: Sealer },
): SealedSets<T> {
  const nameOf = (key: string) => ({ type, key, owner: key });
  return {
    add: (owner, value, ttlMs) => {
      const key = `${type}:${sealer.macs[0]('set', [type, owner])}`;
      // Not compressed: so short a text gains little, and zlib costs more than the encryption.
      return keyValue.addToIndex(key, sealer.seal(value, nameOf(key), false).toString('base64'), ttlMs, most);
    },
    all: async function* () {
      const seen = new Set<string>();
      for await (const keys of keyValue.scan(`${type}:`)) {
        for (const key of keys.filter((each) => !seen.has(each))) {
          seen.add(key);
          const members = await keyValue.readIndex(key);
          yield members.flatMap((member) => {
            const value = sealer.open(shape, Buffer.from(member, 'base64'), nameOf(key));
            return value === undefined ? [] : [value];
          });
        }
      }
    },
  };
}
