// Sessions, kept sealed under the session id.
import { z } from 'zod';
import { type BearerRecords, createBearerRecords } from './bearer-records.ts';
import type { KeyValue } from './key-value.ts';
import type { Sealer } from './sealing.ts';

/** What express-session writes. */
export type SessionStore = BearerRecords<unknown>;

export function createSessionStore(keyValue: KeyValue, sealer: Sealer): SessionStore {
  return createBearerRecords('session', z.unknown(), { keyValue, sealer });
}
