// A sign-in that is under way. Its bearer is one browser with one tab: the secret joins the browser's cookie with the
// RelayState, so a response that arrives in another browser finds nothing.
import { z } from 'zod';
import { principalKey } from '../../access/principal.ts';
import type { ErrorDetails } from '../../errors.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { SignedInSession } from './session.ts';

export const pendingSignInShape = z.object({
  idp: z.string(),
  /** A path on this site. */
  returnTo: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  forceAuthn: z.boolean(),
  /** The session that this sign-in replaces. Its cookie is Lax and does not reach the ACS. */
  oldSession: z.object({ handle: z.string(), principal: z.string() }).optional(),
  /** Name of what the sign-in is asked to be stronger for. */
  stepUpRole: z.string().optional(),
});
export type PendingSignIn = Readonly<z.output<typeof pendingSignInShape>>;

/** What needs a stronger or fresher sign-in. */
export interface StepUpTarget {
  /** ARN of a role, or a name that is none. */
  readonly name: string;
  /** Authentication contexts, one of which it needs; empty for any. */
  readonly contexts: readonly string[];
}

/** What a browser asks for when it is sent to an identity provider. */
export interface SignInRequest {
  readonly idp: string;
  /** The browser's secret from its pending-login cookie. */
  readonly browserSecret: string;
  /** The secret was made for this request: it has no pending sign-in yet. */
  readonly isNewBrowser: boolean;
  readonly returnTo: string;
  readonly current: { readonly handle: string; readonly session: SignedInSession } | undefined;
  readonly stepUp: StepUpTarget | undefined;
  /** Asks the person again, whatever session they have at the identity provider. */
  readonly forceAuthn?: boolean;
}

export function pendingSignIn({ idp, returnTo, current, stepUp, forceAuthn }: SignInRequest, now: Date): PendingSignIn {
  return {
    idp,
    returnTo,
    startedAt: now.getTime(),
    forceAuthn: stepUp !== undefined || forceAuthn === true,
    oldSession: current && { handle: current.handle, principal: principalKey(current.session.identity) },
    stepUpRole: stepUp?.name,
  };
}

export const pendingTtlMs = 10 * 60_000;

/** As many tabs as a browser opens again at once, and more. */
const mostPending = 50;

/** Of one browser, the newest. Most browsers come once, and need no list. */
export function boundOf({ browserSecret, isNewBrowser }: SignInRequest) {
  return isNewBrowser ? undefined : { group: browserSecret, most: mostPending };
}

/** RelayState or state: 216 random bits, and the second it was made in, for the log of a late answer. */
export function signInState(random: RandomBytes, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(36);
  return randomSecret(random).slice(0, 36) + seconds.padStart(7, '0');
}

/** Why nothing is pending. The state is whatever the browser brought: this is a hint for the log, and decides nothing. */
export function nothingPending(
  name: 'RelayState' | 'state',
  state: string,
  now: Date,
): { readonly message: string; readonly details: ErrorDetails } {
  const seconds = Number.parseInt(/^[\w-]{36}([0-9a-z]{7})$/.exec(state)?.[1] ?? '', 36);
  const age = now.getTime() - seconds * 1000;
  if (age > pendingTtlMs && age < 86_400_000) {
    const minutes = Math.round(age / 60_000);
    const details = { received: `after ${minutes} minutes`, expected: `within ${pendingTtlMs / 60_000} minutes` };
    return { message: `the answer came ${minutes} minutes after the request`, details };
  }
  const message =
    state === ''
      ? `no ${name} came back: the identity provider must echo it`
      : `this browser has no pending login for this ${name}`;
  return { message, details: {} };
}

/** Under which a sign-in or a logout waits for its answer. */
export function pendingSecret(browserSecret: string, relayState: string): string {
  return `${browserSecret}.${relayState}`;
}
