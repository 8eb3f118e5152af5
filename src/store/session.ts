// Sessions, kept sealed under the session id.
import type { RandomBytes } from '../random.ts';
import { type BearerRecords, createBearerRecords } from './bearer-records.ts';
import type { KeyValue } from './key-value.ts';

export type SessionStore = Omit<BearerRecords, 'change' | 'exists'>;

export function createSessionStore(keyValue: KeyValue, random: RandomBytes): SessionStore {
  return createBearerRecords('session', keyValue, random);
}
