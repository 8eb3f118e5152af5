// Sessions of browsers, sealed under the session id and listed in the session directory. A session never changes: a step-up
// opens another one under a new id, so no older record of the same id says anything else.
import { timingSafeEqual } from 'node:crypto';
import type { Entries } from '../../store/entries.ts';
import type { KeyValue } from '../../store/key-value.ts';
import { createListedRecords, type ListedRecords } from '../../store/listed-records.ts';
import type { Sealer } from '../../store/sealing.ts';
import type { SessionEntry } from '../session-entry.ts';
import { type SessionRecord, sessionRecordShape } from './session.ts';

export interface SessionStore extends ListedRecords<SessionRecord, SessionEntry> {
  /** For a cookie that comes with requests of other sites: ends the session, and opens nothing. */
  endTokenOf(id: string): string;
  /** The handle in a valid end token. */
  handleOfEndToken(token: string): string | undefined;
}

export function createSessionStore(
  storage: { keyValue: KeyValue; sealer: Sealer },
  entries: Entries<SessionEntry>,
): SessionStore {
  const records = createListedRecords('session', sessionRecordShape, storage, entries);
  const tokens = storage.sealer.macs.map((mac) => (handle: string) => `${handle}.${mac('end of session', [handle])}`);
  return {
    ...records,
    endTokenOf: (id) => tokens[0]!(records.handleOf(id)),
    handleOfEndToken: (token) => {
      const [handle = ''] = token.split('.');
      const given = Buffer.from(token);
      const isOurs = tokens.some((tokenOf) => {
        const own = Buffer.from(tokenOf(handle));
        return own.length === given.length && timingSafeEqual(own, given);
      });
      return isOurs ? handle : undefined;
    },
  };
}
