// Validates a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Nothing that is not signed has any effect.
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { oidcRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { signatureAlgorithms, tokenRefusal } from './token-refusal.ts';

export interface LogoutToken {
  readonly jti: string;
  /** At least one of the two is there. */
  readonly sub: string | undefined;
  readonly sid: string | undefined;
  readonly issuedAt: Date;
}

export interface LogoutTokenExpectations {
  readonly issuer: string;
  readonly clientId: string;
  readonly clockSkewMs: number;
}

const event = 'http://schemas.openid.net/event/backchannel-logout';
/** Not every provider sends `exp`; §2.4 wants it a few minutes ahead. */
export const maxLogoutTokenAgeMs = 10 * 60_000;

/** @throws BrokerError openid_refused or idp_unavailable */
export async function validateLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId, clockSkewMs }: LogoutTokenExpectations,
  now: Date,
): Promise<LogoutToken> {
  const { jwtVerify } = await import('jose');
  const rules = {
    ...{
      issuer,
      audience: clientId,
      algorithms: [...signatureAlgorithms],
      currentDate: now,
      clockTolerance: clockSkewMs / 1000,
    },
    ...{ maxTokenAge: maxLogoutTokenAgeMs / 1000, requiredClaims: ['iat', 'jti', 'events'] },
  };
  const { payload, protectedHeader } = await jwtVerify(token, keys, rules).catch((error: unknown) => {
    throw tokenRefusal(error, { issuer, audience: clientId });
  });
  const { typ } = protectedHeader;
  // §2.4: recommended, not required; what says that it is something else is not one.
  const isTyped = typ === undefined || /^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(typ);
  if (!isTyped) throw oidcRefusal('malformed', 'the token is of another type', { received: quoted(typ) });
  return readClaims(payload);
}

function readClaims({ jti, iat, sub, sid, nonce, events }: JWTPayload): LogoutToken {
  // §2.4: with a nonce an ID token could pass for a logout token.
  if (nonce !== undefined) throw oidcRefusal('malformed', 'a logout token has no nonce');
  const member = typeof events === 'object' && events !== null ? (events as Record<string, unknown>)[event] : undefined;
  if (typeof member !== 'object' || member === null) throw oidcRefusal('malformed', 'the events claim is not a logout');
  const texts = { jti, sub, sid };
  const unusable = Object.entries(texts).find(
    ([, value]) => value !== undefined && (typeof value !== 'string' || !value),
  );
  if (unusable) throw oidcRefusal('malformed', `the claim ${unusable[0]} is not a text`);
  if (sub === undefined && sid === undefined) throw oidcRefusal('subject', 'neither sub nor sid');
  return { jti: jti!, sub, sid: sid as string | undefined, issuedAt: new Date(iat! * 1000) };
}
