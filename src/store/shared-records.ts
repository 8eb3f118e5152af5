// Records without a bearer: what the processes of one broker share among themselves. Sealed with a key that is derived
// from session.secrets, so that neither a thief of the database can read them nor somebody who can write to it make one.
import type { z } from 'zod';
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from './key-value.ts';
import { hashedKey, seal, unsealAs } from './sealing.ts';

export interface SharedRecords {
  /** The value of that name; undefined if none of this shape was sealed by this broker. */
  read<T>(name: string, shape: z.ZodType<T>): Promise<T | undefined>;
  /** Overwrites the value of that name. */
  write(name: string, value: unknown, ttlMs: number): Promise<void>;
}

/** @param secrets the first seals, all of them open: as with cookies, a new one is put in front. */
export function createSharedRecords(
  purpose: string,
  { keyValue, secrets, random }: { keyValue: KeyValue; secrets: readonly string[]; random: RandomBytes },
): SharedRecords {
  const bearers = (name: string) => secrets.map((secret) => `${secret}\0${name}`);
  return {
    read: async (name, shape) => {
      for (const bearer of bearers(name)) {
        const sealed = await keyValue.read(hashedKey(purpose, bearer));
        const value = sealed && unsealAs(shape, sealed, purpose, bearer);
        if (value !== undefined) return value;
      }
      return undefined;
    },
    write: async (name, value, ttlMs) => {
      const bearer = bearers(name)[0]!;
      const key = hashedKey(purpose, bearer);
      const sealed = seal(value, purpose, bearer, random);
      // Two conditional writes make an unconditional one; the third is for a record that came in between.
      const isWritten = (await keyValue.replace(key, sealed, ttlMs)) || (await keyValue.create(key, sealed, ttlMs));
      if (!isWritten) await keyValue.replace(key, sealed, ttlMs);
    },
  };
}
