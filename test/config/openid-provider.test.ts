// An identity provider that uses OpenID Connect: each refusal beside an accepted value.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkplace, goodProduction, load, problemsOf, type Raw, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace?.remove());

// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
const openid = { issuer: 'https://login.example/tenant/v2.0', clientId: 'rolegate', clientSecret: '${REDIS_PASSWORD}' };
const good = { id: 'entra', label: 'Company account', openid, attributes: { user: 'email' } };
const withIdps = (...identityProviders: object[]): Raw => ({ ...goodProduction(), identityProviders });
const saml = (goodProduction()['identityProviders'] as object[])[0]!;

test('is loaded with the usual names of claims, alone or beside SAML', async () => {
  const { oidcProviders, samlProviders, identityProviders } = await load(workplace, withIdps(good, saml));
  expect(oidcProviders).toMatchObject([
    {
      id: 'entra',
      attributes: { user: 'email', groups: 'groups', displayName: 'name' },
      scopes: ['openid', 'profile', 'email'],
    },
  ]);
  expect(samlProviders.map(({ id }) => id)).toEqual(['adfs']);
  expect(identityProviders.map(({ id }) => id)).toEqual(['entra', 'adfs']);
  expect((await load(workplace, withIdps(good))).samlProviders).toEqual([]);
});

test.each([
  ['neither protocol', [{ ...good, openid: undefined }], 'either metadata (SAML) or openid'],
  ['both protocols', [{ ...good, ...saml, openid }], 'either metadata (SAML) or openid'],
  ['a NameID', [{ ...good, attributes: { user: { nameId: true } } }], 'has no NameID'],
  [
    'http in production',
    [saml, { ...good, openid: { ...openid, issuer: 'http://login.example' } }],
    '[1].openid.issuer: must be https',
  ],
  ['no openid scope', [{ ...good, openid: { ...openid, scopes: ['email'] } }], 'must include openid'],
  ['an unknown key', [{ ...good, openid: { ...openid, secret: 'x' } }], 'openid.secret: unknown key'],
  ['an id twice', [saml, { ...good, id: 'adfs' }], 'two have the same id'],
])('is refused with %s', async (_, idps, problem) => {
  expect((await problemsOf(workplace, withIdps(...idps))).join('\n')).toContain(problem);
});
