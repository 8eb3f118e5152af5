// Which sessions a logout means: finds them by identity provider, NameID and SessionIndex, ends them, and keeps out an
// assertion that arrives after its logout.
import { nameIdUnspecified } from '../../saml/names.ts';
import type { NameId } from '../../saml/subject.ts';
import type { HashedIndex } from '../../store/hashed-index.ts';
import type { SessionStore } from '../../store/session.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import type { SignedInSession } from './session.ts';

export interface SessionIndexDeps {
  readonly idps: Pick<IdpDirectory, 'metadataOf'>;
  readonly spEntityId: string;
  readonly sessions: SessionStore;
  /** Sessions, by the person they belong to. */
  readonly openSessions: HashedIndex;
  /** Logouts that were asked for, by the person they are about. */
  readonly pastLogouts: HashedIndex;
}

/** Whose sessions, and which. */
export interface LogoutScope {
  /** Id in the configuration. */
  readonly idp: string;
  readonly nameId: NameId;
  /** Undefined: every session of this NameID. */
  readonly sessionIndexes: readonly string[] | undefined;
}

/** A label that no SessionIndex has: a session to which the IdP gave none, a logout that means all. */
export const unlabelled = '';

/** Before the session can be used: a session that nobody finds could not be ended. @throws BrokerError store_unavailable */
export async function registerSession(
  deps: SessionIndexDeps,
  { identity, nameId, sessionIndex, expiresAt }: SignedInSession,
  handle: string,
  now: Date,
): Promise<void> {
  // Without NameID the identity provider has no way to name it.
  if (!nameId) return;
  const entry = { label: sessionIndex ?? unlabelled, value: handle };
  await deps.openSessions.add(subjectOf(deps, identity.idp, nameId), entry, expiresAt - now.getTime());
}

/** @returns how many sessions there were. @throws BrokerError store_unavailable */
export async function endSessions(
  deps: SessionIndexDeps,
  { idp, nameId, sessionIndexes }: LogoutScope,
): Promise<number> {
  // A session without SessionIndex may be the one that is meant: one too many ends rather than one too few.
  const labels = sessionIndexes && [...sessionIndexes, unlabelled];
  const entries = await deps.openSessions.find(subjectOf(deps, idp, nameId), labels);
  let ended = 0;
  for (const entry of entries) {
    if (await deps.sessions.destroyByHandle(entry.value)) ended++;
    await deps.openSessions.remove(entry);
  }
  return ended;
}

/**
 * Core §3.7.3.1: a LogoutRequest also counts for assertions that arrive after it. To be called before endSessions, and a
 * sign-in asks after its session stands: then one of the two sees the other.
 * @throws BrokerError store_unavailable
 */
export async function rememberLogout(
  deps: SessionIndexDeps,
  { idp, nameId, sessionIndexes }: LogoutScope,
  { issueInstant, ttlMs }: { readonly issueInstant: Date; readonly ttlMs: number },
): Promise<void> {
  const subject = subjectOf(deps, idp, nameId);
  // Where all sessions are meant, who signs in again at that very moment is let in.
  const before = String(issueInstant.getTime() + (sessionIndexes ? 1 : 0));
  for (const label of sessionIndexes ?? [unlabelled]) {
    await deps.pastLogouts.add(subject, { label, value: before }, ttlMs);
  }
}

/** Whether the identity provider has ended this session since it issued the assertion. @throws BrokerError store_unavailable */
export async function wasLoggedOut(
  deps: SessionIndexDeps,
  { identity, nameId, sessionIndex }: SignedInSession,
  issueInstant: Date,
): Promise<boolean> {
  if (!nameId) return false;
  const labels = sessionIndex === undefined ? undefined : [sessionIndex, unlabelled];
  const found = await deps.pastLogouts.find(subjectOf(deps, identity.idp, nameId), labels);
  return found.some(({ value }) => issueInstant.getTime() < Number(value));
}

// Core §3.3.4, §8.3.7: value, Format and qualifiers are equal; what is left out means unspecified, the IdP itself, and us.
export function subjectOf(
  { idps, spEntityId }: Pick<SessionIndexDeps, 'idps' | 'spEntityId'>,
  idp: string,
  nameId: NameId,
): string {
  const { value, format, nameQualifier, spNameQualifier } = nameId;
  const idpEntityId = idps.metadataOf(idp)?.entityId;
  return JSON.stringify([
    idp,
    value,
    format ?? nameIdUnspecified,
    nameQualifier === idpEntityId ? null : (nameQualifier ?? null),
    spNameQualifier === spEntityId ? null : (spNameQualifier ?? null),
  ]);
}
