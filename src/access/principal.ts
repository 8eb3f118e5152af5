// Identifies a person across sign-ins.
import type { Identity } from './model.ts';

/** SDP-SP16: the same value from two IdPs, or from two sources of one, is two people. */
export function principalKey({ idp, userSource, user }: Identity): string {
  return JSON.stringify([idp, userSource, user]);
}
