// Row B6: the tokens that AssumeRoleWithWebIdentity refuses. Each is a complete, signed token with one thing changed, or a
// good one whose issuer publishes the wrong thing.
import { describe, expect, test } from 'vitest';
import { NOW } from '../support/fixture.ts';
import { idClaims, idToken, issuerKey, OIDC_ISSUER, published } from '../support/id-token.ts';
import { outcome, roleMember, SOURCE_CLAIM, TAGS_CLAIM, useWebIdentity } from '../support/web-identity.ts';

type Claims = Readonly<Record<string, unknown>>;
const bench = useWebIdentity();
const curve = issuerKey('curve', 'ES256');
const seconds = NOW.getTime() / 1000;
const token = (message: string): unknown => [400, 'InvalidIdentityToken', message];
const NO_KEY = token(
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
);

describe('B6 refuses a token', () => {
  const claims: readonly (readonly [string, Claims, unknown])[] = [
    [
      'of an issuer the account does not know',
      { iss: 'https://x.example' },
      token('No OpenIDConnect provider found in your account for https://x.example'),
    ],
    [
      'of the issuer with a slash too many',
      { iss: `${OIDC_ISSUER}/` },
      token(`No OpenIDConnect provider found in your account for ${OIDC_ISSUER}/`),
    ],
    ['for another audience', { aud: 'x' }, token('Incorrect token audience')],
    ['without a subject', { sub: undefined }, token('Missing a required claim: sub')],
    [
      'that has expired',
      { exp: seconds },
      [
        400,
        'ExpiredTokenException',
        `Token expired: current date/time ${seconds} must be before the expiration date/time ${seconds}`,
      ],
    ],
    ['of tomorrow', { nbf: seconds + 3600 }, token('Token is not yet valid')],
    [
      'with two values of one tag',
      { [TAGS_CLAIM]: { principal_tags: { a: ['b', 'c'] } } },
      [400, 'ValidationError', 'Unable to validate tags'],
    ],
    [
      'with a transitive key without its tag',
      { [TAGS_CLAIM]: { principal_tags: { a: ['b'] }, transitive_tag_keys: ['c'] } },
      [400, 'InvalidParameterValue', 'The specified transitive tag key must be included in the requested tags.'],
    ],
    [
      'with a source identity that is none',
      { [SOURCE_CLAIM]: 'a b' },
      token('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'),
    ],
  ];
  for (const [name, changed, expected] of claims) {
    test(name, async () => {
      expect(outcome(await bench.call(changed))).toEqual(expected);
    });
  }

  const junk = 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)';
  const tokens: readonly (readonly [string, () => string, unknown])[] = [
    ['that is none', () => 'access-token', token(junk)],
    ['with a broken signature', () => `${idToken(bench.key()).slice(0, -8)}AAAAAAAA`, NO_KEY],
    [
      'with other claims than were signed',
      () =>
        idToken(bench.key()).replace(/\.[^.]+\./, `.${idToken(bench.key(), idClaims({ sub: 'bob' })).split('.')[1]}.`),
      NO_KEY,
    ],
    ['without a signature', () => idToken(bench.key(), idClaims(), { alg: 'none' }).replace(/[^.]+$/, 'x'), NO_KEY],
    ['with a key nobody published', () => idToken(issuerKey('two', 'RS256')), NO_KEY],
    ["with a stranger's key of the same name", () => idToken(issuerKey('one', 'RS256')), NO_KEY],
    ['without the name of a key', () => idToken(bench.key(), idClaims(), { kid: undefined }), NO_KEY],
    ['with an algorithm STS does not take', () => idToken(bench.key(), idClaims(), { alg: 'PS256' }), NO_KEY],
    ['with the algorithm of another curve', () => idToken({ ...curve, alg: 'ES384' }), NO_KEY],
    ['with the algorithm of another kind of key', () => idToken(bench.key(), idClaims(), { alg: 'ES256' }), NO_KEY],
  ];
  for (const [name, made, expected] of tokens) {
    test(name, async () => {
      bench.documents = published([bench.key(), curve]);
      expect(outcome(await bench.call({}, { WebIdentityToken: made() }))).toEqual(expected);
      expect((await bench.call({}, { WebIdentityToken: idToken(curve) })).status).toBe(200);
    });
  }

  const discovery = `${OIDC_ISSUER}/.well-known/openid-configuration`;
  const issuers: readonly (readonly [string, string, unknown, unknown])[] = [
    ['whose issuer publishes nothing', discovery, undefined, NO_KEY],
    [
      'whose issuer calls itself otherwise',
      discovery,
      { issuer: 'https://x.example', jwks_uri: `${OIDC_ISSUER}/jwks` },
      NO_KEY,
    ],
    [
      'whose keys come over http',
      discovery,
      { issuer: OIDC_ISSUER, jwks_uri: 'http://broker.example.com/jwks' },
      NO_KEY,
    ],
    ['whose keys are not there', `${OIDC_ISSUER}/jwks`, 404, NO_KEY],
    ['whose issuer cannot be reached', discovery, new Error('ECONNREFUSED'), NO_KEY],
    [
      'whose issuer stumbles, and says that it may be tried again',
      discovery,
      503,
      [400, 'IDPCommunicationError', 'The identity provider could not be reached. Please try again.'],
    ],
  ];
  for (const [name, url, document, expected] of issuers) {
    test(name, async () => {
      bench.documents.set(url, document);
      expect(outcome(await bench.call())).toEqual(expected);
    });
  }

  test('of a provider that only another account has', async () => {
    const answer = await bench.call({}, roleMember('Visitor', '444455556666'));
    expect(outcome(answer)).toEqual(token(`No OpenIDConnect provider found in your account for ${OIDC_ISSUER}`));
  });

  test('with a ProviderId, which is for the tokens of Amazon and Facebook', async () => {
    const answer = await bench.call({}, { ProviderId: 'www.amazon.com' });
    expect(outcome(answer)).toEqual(token('Provided Token is not a Login With Amazon token'));
  });
});
