// Things that may be used once: pending sign-ins, and the ids of assertions and logout requests.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { KeyValue, NewValue } from './key-value.ts';
import { hashedKey, type Mac, type Sealer } from './sealing.ts';

export interface OneTimeStore<T> {
  /**
   * Stores a value for the bearer of the secret.
   * @param bound of the values of one group only so many are kept: the oldest goes
   */
  put(secret: string, value: T, ttlMs: number, bound?: GroupBound): Promise<void>;
  peek(secret: string): Promise<T | undefined>;
  /** Of many concurrent callers one gets the value: decide on this result, never on an earlier peek. */
  take(secret: string): Promise<T | undefined>;
  /** Counts a failure of the bearer; after so many of them the value is gone, also if they come at once. */
  countFailure(secret: string, limit: { readonly most: number; readonly ttlMs: number }): Promise<void>;
  /** Marks an id as used. @returns whether this was the first time; a mark that another program wrote counts as well */
  claim(id: string, ttlMs: number): Promise<boolean>;
  /** What `claim` writes, for `takeAfter` of another store. */
  markOf(id: string, ttlMs: number): NewValue;
  /** Whether the id is marked as used, and by whom: `other` wrote it without one of our secrets. It counts all the same. */
  findMark(id: string): Promise<'own' | 'other' | undefined>;
  /**
   * Claims, and takes if that was the first time. Of many concurrent callers with one mark or one secret, one gets `taken`;
   * `used`: the mark was there before, and nothing is taken; `gone`: the value was taken before, and the mark is there now.
   */
  takeAfter(mark: NewValue, secret: string): Promise<'taken' | 'used' | 'gone'>;
}

interface GroupBound {
  readonly group: string;
  readonly most: number;
}

/**
 * @param shape of the values; `z.never()` for a store that only claims ids
 * @param isCompressed for long values without a secret inside
 */
export function createOneTimeStore<T>(
  type: string,
  shape: z.ZodType<T>,
  { keyValue, sealer, clock }: { keyValue: KeyValue; sealer: Sealer; clock: Clock },
  isCompressed = false,
): OneTimeStore<T> {
  // The expiry is sealed too: an attacker with write access to the store can change the store's own.
  const recordShape = z.object({ value: shape, until: z.number() });
  const nameOf = (secret: string) => ({ type, key: hashedKey(type, secret), owner: secret });
  const open = (sealed: Buffer | undefined, secret: string) => {
    const record = sealed && sealer.open(recordShape, sealed, nameOf(secret));
    return record && record.until > clock.now().getTime() ? record.value : undefined;
  };
  // No server key in the name: processes with other secrets see each other's marks while secrets are replaced.
  const markKey = (id: string) => hashedKey(`${type}-used`, id);
  const markValue = (mac: Mac, id: string) => Buffer.from(mac('mark', [markKey(id)]));
  const markOf = (id: string, ttlMs: number) => ({ key: markKey(id), value: markValue(sealer.macs[0], id), ttlMs });
  return {
    put: async (secret, value, ttlMs, bound) => {
      const record = { value, until: clock.now().getTime() + ttlMs };
      const sealed = sealer.seal(record, nameOf(secret), isCompressed);
      const create = () => keyValue.create(hashedKey(type, secret), sealed, ttlMs);
      if (!bound) return void (await create());
      const index = hashedKey(`${type}-group`, bound.group);
      const [, , members] = await keyValue.inOrder([
        create,
        () => keyValue.addToIndex(index, hashedKey(type, secret), ttlMs),
        () => keyValue.readIndex(index),
      ]);
      for (const member of members.slice(0, Math.max(0, members.length - bound.most))) {
        await keyValue.remove(member);
        await keyValue.removeFromIndex(index, member);
      }
    },
    peek: async (secret) => open(await keyValue.read(hashedKey(type, secret)), secret),
    take: async (secret) => open(await keyValue.take(hashedKey(type, secret)), secret),
    countFailure: async (secret, { most, ttlMs }) => {
      const failures = await keyValue.count(hashedKey(`${type}-failed`, secret), ttlMs);
      if (failures >= most) await keyValue.remove(hashedKey(type, secret));
    },
    claim: (id, ttlMs) => {
      const { key, value } = markOf(id, ttlMs);
      return keyValue.create(key, value, ttlMs);
    },
    markOf,
    findMark: async (id) => {
      const found = await keyValue.read(markKey(id));
      return found && (sealer.macs.some((mac) => markValue(mac, id).equals(found)) ? 'own' : 'other');
    },
    takeAfter: async (mark, secret) => {
      const { isCreated, taken } = await keyValue.createThenTake(mark, hashedKey(type, secret));
      if (!isCreated) return 'used';
      return taken === undefined ? 'gone' : 'taken';
    },
  };
}

/** Why an id counts as used, for log and audit record. */
export function usedBeforeDetail(what: string, mark: 'own' | 'other' | undefined): string {
  return mark === 'other'
    ? `the mark of this ${what} has the MAC of no secret in session.secrets: find out who else writes to the store`
    : `this ${what} was used before`;
}
