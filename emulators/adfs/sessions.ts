// What the identity provider remembers: sign-on sessions, pending second factors, failures, issued tokens, logouts.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AdfsOptions, AdfsUser, NameId } from './types.ts';

/** A party that got a token within a session. */
export interface Participant {
  readonly relyingParty: string;
  nameId: NameId | undefined;
  readonly sessionIndexes: string[];
}

/** One browser's single sign-on session. */
export interface SsoSession {
  readonly id: string;
  readonly user: AdfsUser;
  authnInstant: Date;
  hasSecondFactor: boolean;
  readonly participants: Participant[];
}

/** A password that was accepted, waiting for its one-time code. */
export interface PendingFactor {
  readonly user: AdfsUser;
  readonly authnInstant: Date;
}

/** A logout on its way through the parties of a session, waiting for one of them to answer. */
export interface PendingLogout {
  /** The party that asked for it; absent when it began here. */
  readonly initiator:
    | { readonly relyingParty: string; readonly requestId: string; readonly relayState: string | undefined }
    | undefined;
  readonly awaiting: string | undefined;
  readonly remaining: readonly Participant[];
  readonly isComplete: boolean;
}

type CredentialVerdict = 'accepted' | 'refused' | 'locked';

/** The memory of one emulator; all of it ends with the process. */
export interface Sessions {
  find(id: string | undefined): SsoSession | undefined;
  start(user: AdfsUser, authnInstant: Date, hasSecondFactor: boolean): SsoSession;
  end(id: string): void;
  holdForFactor(pending: PendingFactor): string;
  findPending(ticket: string): PendingFactor | undefined;
  dropPending(ticket: string): void;
  findUser(name: string): AdfsUser | undefined;
  judge(user: AdfsUser | undefined, given: string, expected: string | undefined): CredentialVerdict;
  /** Keeps a logout until the message with this ID is answered. */
  holdLogout(requestId: string, logout: PendingLogout): void;
  /** Ends the waiting; only for the party that was asked. */
  takeLogout(requestId: string, relyingParty: string): PendingLogout | undefined;
  /** Counts a sign-in of a browser at a party; true when there were too many. */
  isLooping(browser: string, relyingParty: string): boolean;
}

const factorSeconds = 5 * 60;

/** Makes the memory of one emulator. */
export function makeSessions(options: AdfsOptions): Sessions {
  const nowMs = () => options.now().getTime();
  const sso = new Map<string, { session: SsoSession; endsAt: number }>();
  const pending = new Map<string, { pending: PendingFactor; endsAt: number }>();
  const logouts = new Map<string, PendingLogout>();
  const ssoMs = (options.ssoLifetimeSeconds ?? 8 * 60 * 60) * 1000;
  return {
    find: (id) => {
      const entry = id === undefined ? undefined : sso.get(id);
      return entry !== undefined && nowMs() < entry.endsAt ? entry.session : undefined;
    },
    start: (user, authnInstant, hasSecondFactor) => {
      const session = { id: makeToken(), user, authnInstant, hasSecondFactor, participants: [] };
      sso.set(session.id, { session, endsAt: nowMs() + ssoMs });
      return session;
    },
    end: (id) => void sso.delete(id),
    holdForFactor: (factor) => {
      const ticket = makeToken();
      pending.set(ticket, { pending: factor, endsAt: nowMs() + factorSeconds * 1000 });
      return ticket;
    },
    findPending: (ticket) => {
      const entry = pending.get(ticket);
      return entry !== undefined && nowMs() < entry.endsAt ? entry.pending : undefined;
    },
    dropPending: (ticket) => void pending.delete(ticket),
    findUser: (name) => options.users.find((user) => namesOf(user).includes(name.trim().toLowerCase())),
    judge: makeLockout(options),
    holdLogout: (requestId, logout) => void logouts.set(requestId, logout),
    takeLogout: (requestId, relyingParty) => {
      const logout = logouts.get(requestId);
      if (logout?.awaiting !== relyingParty) return undefined;
      logouts.delete(requestId);
      return logout;
    },
    isLooping: makeLoopDetection(options),
  };
}

/** A bearer token for a cookie or a hidden field. */
export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Directory names do not depend on case. */
function namesOf(user: AdfsUser): string[] {
  return [user.username, user.upn, user.windowsAccountName].map((name) => name.toLowerCase());
}

function makeLockout(options: AdfsOptions): Sessions['judge'] {
  const limit = options.lockout ?? { failures: 5, seconds: 60 };
  const failures = new Map<string, { count: number; lastAt: number }>();
  return (user, given, expected) => {
    if (user === undefined || expected === undefined) return 'refused';
    const nowMs = options.now().getTime();
    const earlier = failures.get(user.upn);
    const isCurrent = earlier !== undefined && nowMs - earlier.lastAt < limit.seconds * 1000;
    if (isCurrent && earlier.count >= limit.failures) return 'locked';
    if (isEqual(given, expected)) {
      failures.delete(user.upn);
      return 'accepted';
    }
    failures.set(user.upn, { count: isCurrent ? earlier.count + 1 : 1, lastAt: nowMs });
    return 'refused';
  };
}

function isEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function makeLoopDetection(options: AdfsOptions): Sessions['isLooping'] {
  const limit = options.loopDetection ?? { signIns: 6, windowSeconds: 20 };
  const signIns = new Map<string, number[]>();
  return (browser, relyingParty) => {
    if (limit === false) return false;
    const nowMs = options.now().getTime();
    const key = `${browser} ${relyingParty}`;
    const recent = (signIns.get(key) ?? []).filter((at) => nowMs - at < limit.windowSeconds * 1000);
    signIns.set(key, [...recent, nowMs]);
    return recent.length + 1 >= limit.signIns;
  };
}
