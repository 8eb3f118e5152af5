// The state that every route of one emulator shares, and the two things all of them do: log events, set cookies.

import type { KeyPair } from '../keys.ts';
import type { Exchange } from './http.ts';
import type { Sessions, SsoSession } from './sessions.ts';
import type { AdfsEvent, AdfsOptions, RelyingPartyTrust } from './types.ts';

/** One running identity provider. */
export interface IdentityProvider {
  readonly options: AdfsOptions;
  readonly now: () => Date;
  readonly url: string;
  readonly ssoUrl: string;
  readonly entityId: string;
  readonly sessions: Sessions;
  readonly events: AdfsEvent[];
  trusts: readonly RelyingPartyTrust[];
  signing: KeyPair;
  secondarySigning: KeyPair | undefined;
  readonly encryption: KeyPair;
}

const maxEvents = 10_000;

/** Appends to the event log, which forgets its oldest lines. */
export function logEvent(idp: IdentityProvider, event: Omit<AdfsEvent, 'at'>): void {
  if (idp.events.length >= maxEvents) idp.events.shift();
  idp.events.push({ at: idp.now(), ...event });
}

/** The session of the browser that sent this request. */
export function currentSession(idp: IdentityProvider, exchange: Exchange): SsoSession | undefined {
  return idp.sessions.find(exchange.cookies.get('MSISAuth'));
}

/** Sets a cookie for /adfs, so that a relying party on another port of the same host never gets it. */
export function setCookie(idp: IdentityProvider, exchange: Exchange, name: string, value: string): void {
  // SameSite=None needs Secure; over loopback http Lax still travels with a top-level navigation by GET.
  const site = idp.options.tls === undefined ? 'SameSite=Lax' : 'Secure; SameSite=None';
  const age = value === '' ? '; Max-Age=0' : '';
  exchange.newCookies.push(`${name}=${value}; Path=/adfs; HttpOnly; ${site}${age}`);
}

/** Who signs a Response, and when. */
export function issuerOf(idp: IdentityProvider): { issuer: string; signing: KeyPair; now: Date } {
  return { issuer: idp.entityId, signing: idp.signing, now: idp.now() };
}
