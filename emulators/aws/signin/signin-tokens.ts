// The SigninTokens of getSigninToken: opaque, 15 minutes, redeemable only on the host that issued them.
import { randomBytes } from 'node:crypto';
import type { TemporaryCredentials } from '../sts/credentials.ts';

const LIFETIME_SECONDS = 900;
const MAX_TOKENS = 10_000;

/** What a sign-in token grants. */
export interface SigninGrant {
  readonly credentials: TemporaryCredentials;
  /** Absent: the console session lasts as long as the credentials. */
  readonly sessionSeconds: number | undefined;
  /** Realm of the host that issued the token. */
  readonly realm: string;
}

/** The tokens handed out so far. */
export interface SigninTokens {
  issue(grant: SigninGrant, now: Date): string;
  /** F6, F12: undefined when unknown, expired, of another realm, or spent while tokens are for single use. */
  redeem(token: string, realm: string, now: Date): SigninGrant | undefined;
}

/** An in-memory, bounded store. */
export function createSigninTokens(isSingleUse: boolean): SigninTokens {
  const tokens = new Map<string, { grant: SigninGrant; expiresAt: number }>();
  return {
    issue(grant, now) {
      const token = randomBytes(384).toString('base64url');
      const [oldest] = tokens.keys();
      if (tokens.size >= MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
      tokens.set(token, { grant, expiresAt: now.getTime() + LIFETIME_SECONDS * 1000 });
      return token;
    },
    redeem(token, realm, now) {
      const entry = tokens.get(token);
      if (entry === undefined || entry.grant.realm !== realm || now.getTime() >= entry.expiresAt) return undefined;
      if (isSingleUse) tokens.delete(token);
      return entry.grant;
    },
  };
}
