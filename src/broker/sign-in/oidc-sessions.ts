// Finds the sessions that a logout of an OpenID provider means, by `sub` and `sid`, and keeps out ID tokens that are older.
import type { HashedIndex, IndexEntry } from '../../store/hashed-index.ts';
import type { SignedInSession } from './session.ts';

type OidcSignedIn = SignedInSession & { readonly oidc: NonNullable<SignedInSession['oidc']> };

/** Back-Channel Logout §2.4: `sid` means one session, `sub` alone every session of the person. One of them is there. */
export interface OidcLogoutScope {
  /** Id in the configuration. */
  readonly idp: string;
  readonly sub: string | undefined;
  readonly sid: string | undefined;
}

/** Every method throws BrokerError store_unavailable. */
export interface OidcSessions {
  add(session: OidcSignedIn, handle: string, ttlMs: number): Promise<void>;
  find(scope: OidcLogoutScope): Promise<readonly IndexEntry[]>;
  remove(entry: IndexEntry): Promise<void>;
}

export interface PastOidcLogouts {
  /** To be called before sessions end; a sign-in asks after its session is registered. Then one of the two sees the other. */
  remember(scope: OidcLogoutScope, issuedAt: Date, ttlMs: number): Promise<void>;
  has(session: OidcSignedIn, issuedAt: Date): Promise<boolean>;
}

/** Of a session or a logout without `sid`. */
const unlabelled = '';
const bySub = (idp: string, sub: string) => JSON.stringify([idp, 'sub', sub]);
const bySid = (idp: string, sid: string) => JSON.stringify([idp, 'sid', sid]);

export function createOidcSessions(index: HashedIndex): OidcSessions {
  return {
    // Both begin before either is awaited (KeyValue.inOrder).
    add: async ({ identity: { idp }, oidc }, value, ttlMs) => {
      await Promise.all([
        index.add(bySub(idp, oidc.sub), { label: oidc.sid ?? unlabelled, value }, ttlMs),
        oidc.sid !== undefined && index.add(bySid(idp, oidc.sid), { label: unlabelled, value }, ttlMs),
      ]);
    },
    find: ({ idp, sub, sid }) => {
      if (sub === undefined) return index.find(bySid(idp, sid!), undefined);
      // A session without sid may be the one that is meant: one too many ends rather than one too few.
      return index.find(bySub(idp, sub), sid === undefined ? undefined : [sid, unlabelled]);
    },
    remove: (entry) => index.remove(entry),
  };
}

export function createPastOidcLogouts(index: HashedIndex): PastOidcLogouts {
  return {
    remember: async ({ idp, sub, sid }, issuedAt, ttlMs) => {
      const subject = sid === undefined ? bySub(idp, sub!) : bySid(idp, sid);
      // Both times are whole seconds: a person who signs in again at that very moment is let in.
      await index.add(subject, { label: unlabelled, value: String(issuedAt.getTime()) }, ttlMs);
    },
    has: async ({ identity: { idp }, oidc }, issuedAt) => {
      const found = await Promise.all([
        index.find(bySub(idp, oidc.sub), undefined),
        oidc.sid === undefined ? [] : index.find(bySid(idp, oidc.sid), undefined),
      ]);
      return found.flat().some(({ value }) => issuedAt.getTime() < Number(value));
    },
  };
}
