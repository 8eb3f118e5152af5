// Signed tokens that others send (logout tokens, security events): which algorithms count, and why one is refused.
import type { errors } from 'jose';
import { BrokerError, oidcRefusal, type SamlReason } from '../errors.ts';
import { quoted } from '../quoted.ts';

/** No shared secrets, and never `none`. */
export const signatureAlgorithms = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
] as const;

const reasons: Readonly<Record<string, SamlReason>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JWT_EXPIRED: 'expired',
};

/** @param error of jose. @returns openid_refused, or idp_unavailable if the keys cannot be read */
export function tokenRefusal(
  error: unknown,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): BrokerError {
  const { code, claim, payload, reason: missing } = error as Partial<errors.JWTClaimValidationFailed>;
  // Of this library every fault of the token has a code that says so; the rest is an issuer that cannot be asked.
  if (code === undefined || !/^ERR_(?:JWT|JWS|JOSE|JWKS_NO|JWKS_MULTIPLE)/.test(code) || code === 'ERR_JOSE_GENERIC') {
    const { message } = error as Error;
    return new BrokerError('idp_unavailable', `the keys of the issuer cannot be read: ${message}`, {
      cause: error,
    });
  }
  const expected = { iss: issuer, aud: audience }[claim ?? ''];
  const received = expected === undefined ? undefined : quoted(JSON.stringify(payload?.[claim!]));
  const details = expected === undefined ? {} : { received: received!, expected: quoted(expected) };
  const ofClaim = { iss: 'issuer', aud: 'audience', iat: 'not_yet_valid' } as const;
  const isMissing = missing === 'missing';
  const reason = reasons[code] ?? (isMissing ? undefined : ofClaim[claim as keyof typeof ofClaim]) ?? 'malformed';
  return oidcRefusal(
    reason,
    claim === undefined ? code : `the claim ${claim} is missing or not what was expected`,
    details,
  );
}
