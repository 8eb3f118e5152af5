// A sign-in that is under way. Its bearer is one browser with one tab: the secret joins the browser's cookie with the
// RelayState, so a response that arrives in another browser finds nothing.

import type { EligibleRole } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { SignedInSession } from './session.ts';

export interface PendingSignIn {
  readonly idp: string;
  /** A path on this site. */
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly forceAuthn: boolean;
  /** The session that this sign-in replaces. Its cookie is Lax and does not reach the ACS. */
  readonly oldSession: { readonly handle: string; readonly principal: string } | undefined;
  /** The role for which the sign-in is asked to be stronger. */
  readonly stepUpRole: string | undefined;
}

/** What a browser asks for when it is sent to an identity provider. */
export interface SignInRequest {
  readonly idp: string;
  /** The browser's secret from its pending-login cookie. */
  readonly browserSecret: string;
  readonly returnTo: string;
  readonly current: { readonly handle: string; readonly session: SignedInSession } | undefined;
  /** A role that needs a stronger or fresher sign-in. */
  readonly stepUp: EligibleRole | undefined;
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
    stepUpRole: stepUp?.roleArn,
  };
}

export const pendingTtlMs = 10 * 60_000;

/** Under which a sign-in or a logout waits for its answer. */
export function pendingSecret(browserSecret: string, relayState: string): string {
  return `${browserSecret}.${relayState}`;
}
