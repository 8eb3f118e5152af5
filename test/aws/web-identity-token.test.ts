import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  verify,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  discoveryDocument,
  jwksDocument,
  mintWebIdentityToken,
  webIdentityKey,
} from '../../src/aws/web-identity-token.ts';
import { keyPair } from '../support/key-pairs.ts';

const rsa = createPrivateKey(keyPair('minting').key);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const issuedAt = new Date('2026-03-02T09:00:00.500Z');
const claims = {
  issuer: 'https://broker.example/aws/oidc',
  audience: 'sts.amazonaws.com',
  roleArn: 'arn:aws:iam::111122223333:role/Developer',
  tokenId: 'token-1',
  issuedAt,
  sourceIdentity: 'alice@corp.example',
  tags: [
    { key: 'team', value: 'payments' },
    { key: 'costCentre', value: '42' },
  ],
  transitiveTagKeys: ['team'],
};

const part = (text: string | undefined) => JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8'));

/** By node:crypto and the key from the published document alone. */
function verified(token: string, jwks: { readonly keys: readonly object[] }) {
  const [header, payload, signature] = token.split('.');
  const { kid, alg } = part(header);
  const jwk = jwks.keys.find((key) => (key as { kid: string }).kid === kid);
  const key = createPublicKey({ key: jwk as never, format: 'jwk' });
  const options = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  const isGood = verify('sha256', Buffer.from(`${header}.${payload}`), options, Buffer.from(signature!, 'base64url'));
  return { isGood, alg, payload: part(payload) };
}

test.each([
  ['RS256', rsa],
  ['ES256', ec],
] as const)(
  'an %s token says who may do what where for five minutes, and verifies with the published key',
  async (algorithm, privateKey) => {
    const key = webIdentityKey(privateKey);
    const { isGood, alg, payload } = verified(await mintWebIdentityToken(claims, key), jwksDocument([key]));
    expect([isGood, alg]).toEqual([true, algorithm]);
    const now = 1_772_442_000;
    expect(payload).toEqual({
      iss: claims.issuer,
      sub: claims.roleArn,
      aud: 'sts.amazonaws.com',
      jti: 'token-1',
      iat: now,
      nbf: now - 60,
      exp: now + 300,
      'https://aws.amazon.com/tags': {
        principal_tags: { team: ['payments'], costCentre: ['42'] },
        transitive_tag_keys: ['team'],
      },
      'https://aws.amazon.com/source_identity': 'alice@corp.example',
    });
  },
);

test('without tags and source identity their claims are absent', async () => {
  const key = webIdentityKey(ec);
  const plain = { ...claims, tags: [], transitiveTagKeys: [], sourceIdentity: undefined };
  const { payload } = verified(await mintWebIdentityToken(plain, key), jwksDocument([key]));
  expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
});

test('during a rotation both keys are published, and only their public halves', async () => {
  const keys = [webIdentityKey(ec), webIdentityKey(rsa)];
  const jwks = jwksDocument(keys);
  expect(jwks.keys).toHaveLength(2);
  expect(new Set(jwks.keys.flatMap((jwk) => Object.keys(jwk)))).toEqual(
    new Set(['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use']),
  );
  expect(verified(await mintWebIdentityToken(claims, keys[1]!), jwks).isGood).toBe(true);
  expect(discoveryDocument(claims.issuer, keys)).toMatchObject({
    issuer: claims.issuer,
    jwks_uri: 'https://broker.example/aws/oidc/jwks.json',
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  });
});

test('the id of a key is its RFC 7638 thumbprint', () => {
  const { publicJwk, keyId } = webIdentityKey(rsa);
  const canonical = JSON.stringify({ e: publicJwk.e, kty: publicJwk.kty, n: publicJwk.n });
  expect(keyId).toBe(createHash('sha256').update(canonical).digest('base64url'));
});

describe('is refused as a key:', () => {
  test.each<[string, KeyObject]>([
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ])('%s', (_, key) => {
    expect(() => webIdentityKey(key)).toThrow('neither an RSA key');
  });
});
