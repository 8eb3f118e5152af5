// Sessions, kept sealed under the session id.
import { z } from 'zod';
import type { RandomBytes } from '../random.ts';
import { type BearerRecords, createBearerRecords } from './bearer-records.ts';
import type { KeyValue } from './key-value.ts';

/** What express-session writes. */
export type SessionStore = BearerRecords<unknown>;

export function createSessionStore(keyValue: KeyValue, random: RandomBytes): SessionStore {
  return createBearerRecords('session', z.unknown(), { keyValue, random });
}
