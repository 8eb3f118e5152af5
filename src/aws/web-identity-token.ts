// The broker as an OpenID provider towards AWS: the documents that STS reads from the issuer URL, and the ID tokens that
// AssumeRoleWithWebIdentity takes. OpenID Connect Discovery §3, Core §2.
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface WebIdentityKey {
  readonly privateKey: KeyObject;
  readonly algorithm: 'RS256' | 'ES256';
  /** RFC 7638 thumbprint: the same key has the same id in every process. */
  readonly keyId: string;
  readonly publicJwk: JsonWebKey;
}

/** What STS accepts of it: RSA of 2048 bits or more, or P-256. @throws Error for any other key */
export function webIdentityKey(privateKey: KeyObject): WebIdentityKey {
  const algorithm = algorithmOf(privateKey);
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const { crv, e, kty, n, x, y } = jwk;
  // RFC 7638 §3.2: the required members, in the order of their names.
  const required = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  const keyId = createHash('sha256').update(JSON.stringify(required)).digest('base64url');
  return { privateKey, algorithm, keyId, publicJwk: { ...jwk, kid: keyId, alg: algorithm, use: 'sig' } };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): WebIdentityKey['algorithm'] {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa' && modulusLength >= 2048) return 'RS256';
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256';
  throw new Error('is neither an RSA key of at least 2048 bits nor one on the curve P-256');
}

/** Every key that may have signed a token which is still good: the one in use first. */
export function jwksDocument(keys: readonly WebIdentityKey[]): { readonly keys: readonly JsonWebKey[] } {
  return { keys: keys.map(({ publicJwk }) => publicJwk) };
}

/** For `ISSUER/.well-known/openid-configuration`: what STS reads, and what the specification requires besides. */
export function discoveryDocument(issuer: string, keys: readonly WebIdentityKey[]) {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks.json`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti', tagsClaim, sourceIdentityClaim],
  };
}

export interface WebIdentityClaims {
  readonly issuer: string;
  readonly audience: string;
  /**
   * The role that the token is for: a trust policy pins it with the condition key `ISSUER:sub`, so that a token for one
   * role opens no other.
   */
  readonly roleArn: string;
  readonly tokenId: string;
  readonly issuedAt: Date;
  readonly sourceIdentity: string | undefined;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly transitiveTagKeys: readonly string[];
}

/** Redeemed within a second; STS allows no more clock skew than this leaves. */
const lifetimeSeconds = 300;
const backdatedSeconds = 60;
const tagsClaim = 'https://aws.amazon.com/tags';
const sourceIdentityClaim = 'https://aws.amazon.com/source_identity';

export async function mintWebIdentityToken(claims: WebIdentityClaims, key: WebIdentityKey): Promise<string> {
  const { issuer, audience, roleArn, tokenId, issuedAt, sourceIdentity, tags, transitiveTagKeys } = claims;
  const now = Math.floor(issuedAt.getTime() / 1000);
  const principalTags = Object.fromEntries(tags.map(({ key: name, value }) => [name, [value]]));
  const payload = {
    ...(tags.length > 0
      ? { [tagsClaim]: { principal_tags: principalTags, transitive_tag_keys: transitiveTagKeys } }
      : {}),
    ...(sourceIdentity === undefined ? {} : { [sourceIdentityClaim]: sourceIdentity }),
  };
  // Loaded by the first token: other modes need none.
  const { SignJWT } = await import('jose');
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.algorithm, kid: key.keyId, typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(roleArn)
    .setAudience(audience)
    .setJti(tokenId)
    .setIssuedAt(now)
    .setNotBefore(now - backdatedSeconds)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(key.privateKey);
}
