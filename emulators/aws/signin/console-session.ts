// Console sign-ins of a browser: who is signed in where, until when. One cookie, one identity, or up to five with multi-session.
import { randomBytes } from 'node:crypto';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Principal } from '../sts/credentials.ts';

/** One signed-in identity. */
export interface ConsoleIdentity {
  readonly principal: Principal;
  readonly expiresAt: Date;
  /** Where the person came from, for the way back. */
  readonly issuer: string | undefined;
}

/** Why a sign-in was turned away. */
export type SigninRefusal = 'other-account' | 'too-many';

/** The console sessions of all browsers. */
export interface ConsoleSessions {
  /** Signs in. @returns the cookie value, or why not (F8, F10) */
  signIn(cookie: string | undefined, identity: ConsoleIdentity, now: Date): { cookie: string } | SigninRefusal;
  /** The identities of a browser that have not expired, the latest last. */
  find(cookie: string | undefined, now: Date): readonly ConsoleIdentity[];
  signOut(cookie: string | undefined): void;
}

const COOKIE = 'aws-emulator-console';
const MAX_IDENTITIES = 5;
const MAX_BROWSERS = 10_000;

/** An in-memory, bounded store. */
export function createConsoleSessions(isMultiSession: boolean): ConsoleSessions {
  const browsers = new Map<string, readonly ConsoleIdentity[]>();
  const find = (cookie: string | undefined, now: Date): readonly ConsoleIdentity[] =>
    (browsers.get(cookie ?? '') ?? []).filter((identity) => identity.expiresAt.getTime() > now.getTime());
  return {
    find,
    signIn(cookie, identity, now) {
      const others = find(cookie, now).filter((other) => other.principal.arn !== identity.principal.arn);
      const { accountId } = identity.principal;
      if (!isMultiSession && others.some((other) => other.principal.accountId !== accountId)) return 'other-account';
      if (isMultiSession && others.length >= MAX_IDENTITIES) return 'too-many';
      // A fresh value at every sign-in: a cookie planted before it leads nowhere.
      const fresh = randomBytes(24).toString('base64url');
      browsers.delete(cookie ?? '');
      const [oldest] = browsers.keys();
      if (browsers.size >= MAX_BROWSERS && oldest !== undefined) browsers.delete(oldest);
      browsers.set(fresh, isMultiSession ? [...others, identity] : [identity]);
      return { cookie: fresh };
    },
    signOut: (cookie) => {
      browsers.delete(cookie ?? '');
    },
  };
}

/** The session cookie a browser sent. */
export function readConsoleCookie(request: ReceivedRequest): string | undefined {
  const pairs = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/** A Set-Cookie value; an empty cookie is removed. */
export function writeConsoleCookie(value: string, isSecure: boolean): string {
  const age = value === '' ? '; Max-Age=0' : '';
  return `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}${age}`;
}
