// Which sessions a logout means: finds them by identity provider, NameID and SessionIndex, ends them, and keeps out an
// assertion that arrives after its logout.
import type { HashedIndex } from '../../store/hashed-index.ts';
import { inBatches } from '../../store/in-batches.ts';
import { type LogoutScope, type NamedEntry, type NamedSessions, subjectOf } from './named-sessions.ts';
import type { OidcSessions, PastOidcLogouts } from './oidc-sessions.ts';
import type { SignedInSession } from './session.ts';
import type { SessionStore } from './session-store.ts';

interface EndedSessions {
  readonly ended: number;
  /** Whether the index knew a session that is meant, alive or not. */
  readonly isKnown: boolean;
}

/** Every method throws BrokerError store_unavailable. */
export interface SessionIndex {
  /** Before the session can be used: a session that nothing finds could not be ended. */
  register(session: SignedInSession, handle: string, now: Date): Promise<void>;
  end(scope: LogoutScope): Promise<EndedSessions>;
  /** Sessions under this NameID's value that the scope does not mean, and that go on. It reads all of them. */
  others(scope: LogoutScope): Promise<readonly NamedEntry[]>;
  /**
   * Core §3.7.3.1: a LogoutRequest also counts for assertions that arrive after it. To be called before `end`; a sign-in
   * asks `wasLoggedOut` after its session is registered. Then one of the two sees the other.
   */
  rememberLogout(scope: LogoutScope, logout: { readonly issueInstant: Date; readonly ttlMs: number }): Promise<void>;
  /** Whether the identity provider has ended this session since it issued the assertion. */
  wasLoggedOut(session: SignedInSession, issueInstant: Date): Promise<boolean>;
}

/** A label that no SessionIndex has: a session to which the IdP gave none, a logout that means all. */
const unlabelled = '';

export function createSessionIndex(deps: {
  readonly sessions: SessionStore;
  readonly openSessions: NamedSessions;
  /** Logouts that were asked for, by the person they are about. */
  readonly pastLogouts: HashedIndex;
  readonly oidcSessions: OidcSessions;
  readonly pastOidcLogouts: PastOidcLogouts;
}): SessionIndex {
  const { sessions, openSessions, pastLogouts, oidcSessions, pastOidcLogouts } = deps;
  return {
    register: async (session, handle, now) => {
      const { nameId, expiresAt } = session;
      // Without NameID the identity provider has no way to name it.
      const ttlMs = expiresAt - now.getTime();
      if (nameId) await openSessions.add({ ...session, nameId }, handle, ttlMs);
      if (session.oidc) await oidcSessions.add({ ...session, oidc: session.oidc }, handle, ttlMs);
    },
    end: async (scope) => {
      const meant = await openSessions.find(scope);
      let ended = 0;
      for (const each of meant) {
        if (await sessions.destroyByHandle(each.entry.value)) ended++;
        await openSessions.remove(each);
      }
      return { ended, isKnown: meant.length > 0 };
    },
    others: async (scope) => {
      const others = await openSessions.findOthers(scope);
      const living = await inBatches(others, ({ entry }) => sessions.entryOf(entry.value));
      return others.filter((_, i) => living[i]);
    },
    // Compared by value and SessionIndex alone: a person who meets another one's logout signs in once more.
    rememberLogout: async ({ idp, nameId, sessionIndexes }, { issueInstant, ttlMs }) => {
      const subject = subjectOf(idp, nameId);
      // Where all sessions are meant, a person who signs in again at that very moment is let in.
      const before = String(issueInstant.getTime() + (sessionIndexes ? 1 : 0));
      for (const label of sessionIndexes ?? [unlabelled]) {
        await pastLogouts.add(subject, { label, value: before }, ttlMs);
      }
    },
    wasLoggedOut: async (session, issueInstant) => {
      const { identity, nameId, sessionIndex } = session;
      if (session.oidc) return pastOidcLogouts.has({ ...session, oidc: session.oidc }, issueInstant);
      if (!nameId) return false;
      const labels = sessionIndex === undefined ? undefined : [sessionIndex, unlabelled];
      const found = await pastLogouts.find(subjectOf(identity.idp, nameId), labels);
      return found.some(({ value }) => issueInstant.getTime() < Number(value));
    },
  };
}
