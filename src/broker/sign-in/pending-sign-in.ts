// A sign-in that is under way. Its bearer is one browser with one tab: the secret joins the browser's cookie with the
// RelayState, so a response that arrives in another browser finds nothing.
import { z } from 'zod';
import { principalKey } from '../../access/principal.ts';
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

/** Under which a sign-in or a logout waits for its answer. */
export function pendingSecret(browserSecret: string, relayState: string): string {
  return `${browserSecret}.${relayState}`;
}
