// Sets of sealed values, one set for each owner. Adding a value is one operation, and what a reader of the database sees
// is how many values there are and when each ends.
import type { z } from 'zod';
import type { KeyValue } from './key-value.ts';
import type { Sealer } from './sealing.ts';

/** Every method throws BrokerError store_unavailable. */
export interface SealedSets<T> {
  /**
   * Adds the values, then takes the step: in one trip where one server holds all keys. Of more values than the limit, those that
   * end first are dropped.
   */
  addThen<R>(owner: string, values: readonly T[], ttlMs: number, step: () => Promise<R>): Promise<R>;
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
    addThen: async (owner, values, ttlMs, step) => {
      const key = `${type}:${sealer.macs[0]('set', [type, owner])}`;
      // Not compressed: so short a text gains little, and zlib costs more than the encryption.
      const members = values.map((value) => sealer.seal(value, nameOf(key), false).toString('base64'));
      const add = () => Promise.all(members.map((member) => keyValue.addToIndex(key, member, ttlMs, most)));
      const [, result] = await keyValue.inOrder([add, step]);
      return result;
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
