// A sign-in that is under way. Its bearer is one browser with one tab: the secret joins the browser's cookie with the
// RelayState, so a response that arrives in another browser finds nothing.

export interface PendingLogin {
  readonly idp: string;
  /** ID of our AuthnRequest. */
  readonly requestId: string;
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

export const pendingLoginTtlMs = 10 * 60_000;

export function pendingLoginSecret(browserSecret: string, relayState: string): string {
  return `${browserSecret}.${relayState}`;
}
