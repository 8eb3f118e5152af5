// The section `offboarding`: each refusal beside an accepted value.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkplace, goodProduction, load, problemsOf, type Raw, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = (key: typeof publicKey) => JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid: 'one' }] });
  workplace.write('events.jwks', jwks(publicKey));
  workplace.write('private.jwks', jwks(privateKey));
  workplace.write('broken.jwks', '{"keys":[{"kty":"EC"}]}');
});
afterAll(() => workplace?.remove());

const event = {
  id: 'corp',
  identityProvider: 'adfs',
  issuer: 'https://i.example',
  audience: 'rolegate',
  subjects: ['email'],
};
const good = { ...event, jwksUri: 'https://i.example/jwks' };
// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
const client = { id: 'entra', identityProvider: 'adfs', token: '${SESSION_SECRET}' };
const hashed = { id: 'okta', identityProvider: 'adfs', tokenSha256: 'ab'.repeat(32) };
const openid = {
  ...{ id: 'entra', label: 'Company account', attributes: { user: 'email' } },
  openid: { issuer: 'https://login.example', clientId: 'rolegate' },
};
const withSection = (offboarding: object): Raw => {
  const raw = goodProduction();
  return { ...raw, identityProviders: [...(raw['identityProviders'] as object[]), openid], offboarding };
};

test('is off by default, and takes transmitters and clients', async () => {
  expect((await load(workplace, goodProduction())).offboarding).toEqual({ transmitters: [], scimClients: [] });
  const events = [good, { ...event, id: 'two', jwksFile: 'events.jwks' }];
  const { transmitters, scimClients } = (await load(workplace, withSection({ events, scim: [client, hashed] })))
    .offboarding;
  expect(transmitters).toMatchObject([
    { id: 'corp', algorithms: ['RS256', 'ES256'], subjectIssuer: event.issuer, maxAgeMs: 3_600_000, keys: [] },
    { id: 'two', jwksUri: undefined, keys: [{ kid: 'one' }] },
  ]);
  expect(scimClients.map(({ tokenDigest }) => tokenDigest.length)).toEqual([32, 32]);
  expect(JSON.stringify(scimClients)).not.toContain('token":');
});

test.each<[string, object, string]>([
  ['no keys', { events: [event] }, 'events[0]: give either jwksUri or jwksFile'],
  ['keys on http', { events: [{ ...good, jwksUri: 'http://i.example/jwks' }] }, 'events[0].jwksUri: must be https'],
  ['private keys', { events: [{ ...event, jwksFile: 'private.jwks' }] }, 'contains a private key'],
  ['unusable keys', { events: [{ ...event, jwksFile: 'broken.jwks' }] }, 'is not a JWK Set with public keys'],
  ['a shared secret', { events: [{ ...good, algorithms: ['HS256'] }] }, 'is not a public-key algorithm'],
  ['no algorithm', { events: [{ ...good, algorithms: ['none'] }] }, 'is not a public-key algorithm'],
  ['no subjects', { events: [{ ...good, subjects: [] }] }, 'events[0].subjects'],
  ['an unknown provider', { events: [{ ...good, identityProvider: 'x' }] }, 'no identity provider has the id x'],
  ['one id twice', { events: [good], scim: [{ ...client, id: 'corp' }] }, 'scim[0].id: corp is used twice'],
  [
    'sub as a name where users have another',
    { events: [{ ...good, identityProvider: 'entra', subjects: ['iss_sub'] }] },
    'iss_sub identifies users by sub',
  ],
  [
    'a client without a token',
    { scim: [{ ...client, token: undefined }] },
    'scim[0]: give either token or tokenSha256',
  ],
  ['a short token', { scim: [{ ...client, token: 'short' }] }, 'at least 32 characters'],
  [
    'a token in the file',
    { scim: [{ ...client, token: 'x'.repeat(20) + 'y'.repeat(20) }] },
    'token: contains a secret',
  ],
  ['one token twice', { scim: [client, { ...client, id: 'other' }] }, 'two have the same token'],
])('is refused with %s', async (_, section, problem) => {
  expect((await problemsOf(workplace, withSection(section))).join('\n')).toContain(problem);
});
