// The broker as an OpenID provider towards AWS: each refusal beside an accepted value.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  for (const namedCurve of ['P-256', 'P-384']) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    workplace.write(`${namedCurve}.key`, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }
  workplace.write(
    'open.key',
    String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })),
    0o644,
  );
  workplace.write('no.key', 'not a key');
});
afterAll(() => workplace?.remove());

const withSettings = (webIdentity: object) => change(goodProduction(), 'aws.webIdentity', webIdentity);
const good = { signing: { key: 'P-256.key' } };

test('has its own issuer below baseUrl, and audience of STS', async () => {
  const { aws } = await load(workplace, withSettings(good));
  expect(aws.webIdentity).toMatchObject({ issuer: 'https://broker.example/aws/oidc', audience: 'sts.amazonaws.com' });
  const elsewhere = await load(workplace, withSettings({ ...good, issuer: 'https://id.corp.example/rolegate' }));
  expect(elsewhere.aws.webIdentity?.issuer).toBe('https://id.corp.example/rolegate');
  expect((await load(workplace, goodProduction())).aws.webIdentity).toBeUndefined();
});

test.each([
  ['a curve that STS does not take', { signing: { key: 'P-384.key' } }, 'signing.key: is neither an RSA key'],
  ['a file that is not a key', { signing: { key: 'no.key' } }, 'signing.key: is not an unencrypted PEM private key'],
  ['a key that others may read', { signing: { key: 'open.key' } }, 'chmod 0600'],
  ['the minting key', { signing: { key: 'aws.key' } }, 'must not be used for anything else'],
  ['a file that is not there', { ...good, otherKeys: [{ key: 'none.key' }] }, 'otherKeys[0].key: cannot read'],
  ['other keys alone', { otherKeys: [{ key: 'P-256.key' }] }, 'needs aws.webIdentity.signing'],
  ['http in production', { ...good, issuer: 'http://broker.example/oidc' }, 'aws.webIdentity.issuer: must be https'],
  ['a slash at the end', { ...good, issuer: 'https://broker.example/oidc/' }, 'without query and trailing slash'],
])('is refused with %s', async (_, settings, problem) => {
  expect((await problemsOf(workplace, withSettings(settings))).join('\n')).toContain(problem);
});

test('a rule in this mode needs a key', async () => {
  const raw = change(withSettings(good), 'rules[0].grant.mode', 'web-identity');
  expect(await problemsOf(workplace, raw)).toEqual([]);
  const without = change(raw, 'aws.webIdentity', undefined);
  expect((await problemsOf(workplace, without)).join()).toContain('needs aws.webIdentity.signing');
});
