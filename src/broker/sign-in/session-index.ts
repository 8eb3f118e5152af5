// Which sessions a logout means: finds them by identity provider, NameID and SessionIndex, ends them, and keeps out an
// assertion that arrives after its logout.
import { nameIdUnspecified } from '../../saml/names.ts';
import type { NameId } from '../../saml/subject.ts';
import type { HashedIndex } from '../../store/hashed-index.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import type { SignedInSession } from './session.ts';
import type { SessionStore } from './session-store.ts';

/** Whose sessions, and which. */
export interface LogoutScope {
  /** Id in the configuration. */
  readonly idp: string;
  readonly nameId: NameId;
  /** Undefined: every session of this NameID. */
  readonly sessionIndexes: readonly string[] | undefined;
}

/** Every method throws BrokerError store_unavailable. */
export interface SessionIndex {
  /** Before the session can be used: a session that nothing finds could not be ended. */
  register(session: SignedInSession, handle: string, now: Date): Promise<void>;
  /** @returns how many sessions ended */
  end(scope: LogoutScope): Promise<number>;
  /**
   * Core §3.7.3.1: a LogoutRequest also counts for assertions that arrive after it. To be called before `end`; a sign-in
   * asks `wasLoggedOut` after its session is registered. Then one of the two sees the other.
   */
  rememberLogout(scope: LogoutScope, logout: { readonly issueInstant: Date; readonly ttlMs: number }): Promise<void>;
  /** Whether the identity provider has ended this session since it issued the assertion. */
  wasLoggedOut(session: SignedInSession, issueInstant: Date): Promise<boolean>;
  /** The name under which an index keeps a NameID. */
  subjectOf(idp: string, nameId: NameId): string;
}

export interface SessionIndexDeps {
  readonly idps: Pick<IdpDirectory, 'metadataOf'>;
  readonly spEntityId: string;
  readonly sessions: Pick<SessionStore, 'destroyByHandle'>;
  /** Sessions, by the person they belong to. */
  readonly openSessions: HashedIndex;
  /** Logouts that were asked for, by the person they are about. */
  readonly pastLogouts: HashedIndex;
}

/** A label that no SessionIndex has: a session to which the IdP gave none, a logout that means all. */
export const unlabelled = '';

export function createSessionIndex({
  idps,
  spEntityId,
  sessions,
  openSessions,
  pastLogouts,
}: SessionIndexDeps): SessionIndex {
  // Core §3.3.4, §8.3.7: value, Format and qualifiers are equal; what is left out means unspecified, the IdP itself, and us.
  const subjectOf = (idp: string, { value, format, nameQualifier, spNameQualifier }: NameId) =>
    JSON.stringify([
      idp,
      value,
      format ?? nameIdUnspecified,
      nameQualifier === idps.metadataOf(idp)?.entityId ? null : (nameQualifier ?? null),
      spNameQualifier === spEntityId ? null : (spNameQualifier ?? null),
    ]);
  return {
    subjectOf,
    register: async ({ identity, nameId, sessionIndex, expiresAt }, handle, now) => {
      // Without NameID the identity provider has no way to name it.
      if (!nameId) return;
      const entry = { label: sessionIndex ?? unlabelled, value: handle };
      await openSessions.add(subjectOf(identity.idp, nameId), entry, expiresAt - now.getTime());
    },
    end: async ({ idp, nameId, sessionIndexes }) => {
      // A session without SessionIndex may be the one that is meant: one too many ends rather than one too few.
      const labels = sessionIndexes && [...sessionIndexes, unlabelled];
      let ended = 0;
      for (const entry of await openSessions.find(subjectOf(idp, nameId), labels)) {
        if (await sessions.destroyByHandle(entry.value)) ended++;
        await openSessions.remove(entry);
      }
      return ended;
    },
    rememberLogout: async ({ idp, nameId, sessionIndexes }, { issueInstant, ttlMs }) => {
      const subject = subjectOf(idp, nameId);
      // Where all sessions are meant, a person who signs in again at that very moment is let in.
      const before = String(issueInstant.getTime() + (sessionIndexes ? 1 : 0));
      for (const label of sessionIndexes ?? [unlabelled]) {
        await pastLogouts.add(subject, { label, value: before }, ttlMs);
      }
    },
    wasLoggedOut: async ({ identity, nameId, sessionIndex }, issueInstant) => {
      if (!nameId) return false;
      const labels = sessionIndex === undefined ? undefined : [sessionIndex, unlabelled];
      const found = await pastLogouts.find(subjectOf(identity.idp, nameId), labels);
      return found.some(({ value }) => issueInstant.getTime() < Number(value));
    },
  };
}
