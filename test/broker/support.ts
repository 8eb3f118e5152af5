// What the session directory knows of a session, for tests.
import type { SessionEntry } from '../../src/broker/session-entry.ts';

export function sessionEntry(changes: Partial<Extract<SessionEntry, { kind: 'browser' }>> = {}): SessionEntry {
  return {
    ...{ kind: 'browser', idp: 'adfs', user: 'alice@corp.example', address: '192.0.2.1' },
    ...{ signedInAt: Date.parse('2026-03-02T09:00:00Z'), expiresAt: Date.parse('2026-03-02T19:00:00Z') },
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ...changes,
  };
}
