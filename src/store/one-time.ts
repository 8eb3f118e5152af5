// Things that may be used once: pending logins and the ids of assertions.
import type { z } from 'zod';
import type { RandomBytes } from '../random.ts';
import type { KeyValue, NewValue } from './key-value.ts';
import { hashedKey, seal, unsealAs } from './sealing.ts';

export interface OneTimeStore<T> {
  /** Stores a value for the bearer of the secret. */
  put(secret: string, value: T, ttlMs: number): Promise<void>;
  peek(secret: string): Promise<T | undefined>;
  /** Of many concurrent callers one gets the value: decide on this result, never on an earlier peek. */
  take(secret: string): Promise<T | undefined>;
  /** Marks an id as used. @returns whether this was the first time */
  claim(id: string, ttlMs: number): Promise<boolean>;
  /** What `claim` writes, for `takeAfter` of another store. */
  markOf(id: string, ttlMs: number): NewValue;
  /**
   * Claims, and takes if that was the first time. Of many concurrent callers with one mark or one secret, one gets `taken`;
   * `used`: the mark was there before, and nothing is taken; `gone`: the value was taken before, and the mark is there now.
   */
  takeAfter(mark: NewValue, secret: string): Promise<'taken' | 'used' | 'gone'>;
}

/** @param shape of the values; `z.never()` for a store that only claims ids */
export function createOneTimeStore<T>(
  purpose: string,
  shape: z.ZodType<T>,
  { keyValue, random }: { keyValue: KeyValue; random: RandomBytes },
): OneTimeStore<T> {
  const open = (sealed: Buffer | undefined, secret: string) => sealed && unsealAs(shape, sealed, purpose, secret);
  const markOf = (id: string, ttlMs: number): NewValue => {
    return { key: hashedKey(`${purpose}-used`, id), value: Buffer.from('1'), ttlMs };
  };
  return {
    put: async (secret, value, ttlMs) => {
      await keyValue.create(hashedKey(purpose, secret), seal(value, purpose, secret, random), ttlMs);
    },
    peek: async (secret) => open(await keyValue.read(hashedKey(purpose, secret)), secret),
    take: async (secret) => open(await keyValue.take(hashedKey(purpose, secret)), secret),
    claim: (id, ttlMs) => {
      const { key, value } = markOf(id, ttlMs);
      return keyValue.create(key, value, ttlMs);
    },
    markOf,
    takeAfter: async (mark, secret) => {
      const { isCreated, taken } = await keyValue.createThenTake(mark, hashedKey(purpose, secret));
      if (!isCreated) return 'used';
      return taken === undefined ? 'gone' : 'taken';
    },
  };
}
