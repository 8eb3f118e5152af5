// Things that may be used once: pending logins and the ids of assertions.
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from './key-value.ts';
import { hashedKey, seal, unseal } from './sealing.ts';

export interface OneTimeStore {
  /** Keeps a value for whoever knows the secret. */
  put(secret: string, value: unknown, ttlMs: number): Promise<void>;
  peek(secret: string): Promise<unknown>;
  /** Of many concurrent callers one gets the value: decide on this result, never on an earlier peek. */
  take(secret: string): Promise<unknown>;
  /** Marks an id as used. @returns whether this was the first time */
  claim(id: string, ttlMs: number): Promise<boolean>;
}

export function createOneTimeStore(purpose: string, keyValue: KeyValue, random: RandomBytes): OneTimeStore {
  const open = (sealed: Buffer | undefined, secret: string) => sealed && unseal(sealed, purpose, secret);
  return {
    put: async (secret, value, ttlMs) => {
      await keyValue.create(hashedKey(purpose, secret), seal(value, purpose, secret, random), ttlMs);
    },
    peek: async (secret) => open(await keyValue.read(hashedKey(purpose, secret)), secret),
    take: async (secret) => open(await keyValue.take(hashedKey(purpose, secret)), secret),
    claim: (id, ttlMs) => keyValue.create(hashedKey(`${purpose}-used`, id), Buffer.from('1'), ttlMs),
  };
}
