// Makes ID tokens and what their issuer publishes, for the emulator's tests: complete by default, every part replaceable.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { NOW } from './fixture.ts';

export const OIDC_ISSUER = 'https://broker.example.com/aws/oidc';
export const AUDIENCE = 'sts.amazonaws.com';

/** A key of the issuer; `kid` is its name in the JWKS. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** A fresh key for an algorithm. */
export function issuerKey(kid: string, alg: string): IssuerKey {
  const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
  const namedCurve = curves[alg];
  const { privateKey, publicKey } =
    namedCurve === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve });
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

/** Claims of a token that opens the role `Visitor`. */
export function idClaims(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const now = Math.floor(NOW.getTime() / 1000);
  return { iss: OIDC_ISSUER, sub: 'alice', aud: AUDIENCE, iat: now, nbf: now - 60, exp: now + 300, ...more };
}

/** RFC 7515 compact form. */
export function idToken(key: IssuerKey, claims = idClaims(), header: Readonly<Record<string, unknown>> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })}.${part(claims)}`;
  const hash = `sha${key.alg.slice(2)}`;
  const signature = sign(hash, Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** What an issuer publishes, by URL. */
export function published(keys: readonly IssuerKey[]): Map<string, unknown> {
  return new Map<string, unknown>([
    [`${OIDC_ISSUER}/.well-known/openid-configuration`, { issuer: OIDC_ISSUER, jwks_uri: `${OIDC_ISSUER}/jwks` }],
    [`${OIDC_ISSUER}/jwks`, { keys: keys.map((key) => key.jwk) }],
  ]);
}
