// SCIM for offboarding, as Entra ID and Okta speak it.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type TestApp, useApp } from '../support/app.ts';

const startApp = useApp();
const bob = 'bob@corp.example';
const [entra, okta] = ['the-token-of-entra-with-32-characters', 'the-token-of-okta-with-32-characters-'] as const;
const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
const id = Buffer.from(bob).toString('base64url');

const start = () =>
  startApp((raw) => ({
    ...raw,
    offboarding: {
      scim: [
        { id: 'entra', identityProvider: 'adfs', token: entra },
        { id: 'okta', identityProvider: 'adfs', tokenSha256: createHash('sha256').update(okta).digest('hex') },
      ],
    },
  }));

async function call({ browser }: TestApp, method: string, path: string, body?: object, token: string = entra) {
  const headers = { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/scim+json' }) };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await browser().send(method, `/scim/v2${path}`, { headers, ...text });
  return { status: answer.status, type: answer.type, headers: answer.headers, body: JSON.parse(answer.text || '{}') };
}

const patch = (...Operations: object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});
const recorded = ({ audit }: TestApp, name: string) => audit.lines().filter((line) => line['event'] === name);
const canSignIn = async (app: TestApp, user: string) => (await app.browser().signIn(user)).status === 303;

describe('active: false', () => {
  test.each<[string, string, object]>([
    ['Entra ID', 'PATCH', patch({ op: 'Replace', path: 'active', value: 'False' })],
    ['Okta', 'PATCH', patch({ op: 'replace', value: { active: false } })],
    ['the full name of the attribute', 'PATCH', patch({ op: 'replace', path: `${userSchema}:active`, value: false })],
    ['a name in capitals', 'PATCH', patch({ op: 'replace', value: { ACTIVE: false } })],
    ['the full name as a member', 'PATCH', patch({ op: 'replace', value: { [`${userSchema}:active`]: false } })],
    ['PUT in capitals', 'PUT', { schemas: [userSchema], userName: bob, Active: false }],
    ['PUT', 'PUT', { schemas: [userSchema], userName: bob, active: false, displayName: 'Bob' }],
  ])('by %s ends sessions and keeps the person out, until active: true', async (_, method, body) => {
    const app = await start();
    const [browser, other] = [app.browser(), app.browser()];
    await browser.signIn('bob');
    await other.signIn('alice');
    const answer = await call(app, method, `/Users/${id}`, body);
    expect(answer).toMatchObject({ status: 200, type: 'application/scim+json' });
    expect(answer.body).toMatchObject({ schemas: [userSchema], id, userName: bob, active: false });
    expect([(await browser.get('/api/v1/me')).status, (await other.get('/api/v1/me')).status]).toEqual([401, 200]);
    expect(await canSignIn(app, 'bob')).toBe(false);
    expect(recorded(app, 'offboarding_received')).toMatchObject([
      { by: 'scim:entra', signal: 'account-disabled', user: bob, sessionsEnded: 1 },
    ]);
    app.clock.advance(1000);
    const back = await call(app, 'PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: true }), okta);
    expect(back.body.active).toBe(true);
    expect(await canSignIn(app, 'bob')).toBe(true);
  });

  test('other attributes change nothing', async () => {
    const app = await start();
    const browser = app.browser();
    await browser.signIn('bob');
    const answer = await call(app, 'PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'title', value: 'x' }));
    expect([answer.status, answer.body.active]).toEqual([200, true]);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    expect(recorded(app, 'offboarding_received')).toEqual([]);
  });
});

test('DELETE ends sessions; the user is then not found, until POST creates it again', async () => {
  const app = await start();
  const browser = app.browser();
  await browser.signIn('bob');
  expect((await call(app, 'DELETE', `/Users/${id}`)).status).toBe(204);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  for (const method of ['GET', 'DELETE']) expect((await call(app, method, `/Users/${id}`)).status).toBe(404);
  const filter = `/Users?filter=${encodeURIComponent(`userName eq "${bob}"`)}`;
  expect((await call(app, 'GET', filter)).body).toMatchObject({ totalResults: 0, Resources: [] });
  expect(await canSignIn(app, 'bob')).toBe(false);
  app.clock.advance(1000);
  const created = await call(app, 'POST', '/Users', { schemas: [userSchema], userName: bob });
  expect([created.status, created.body.id]).toEqual([201, id]);
  expect(await canSignIn(app, 'bob')).toBe(true);
});

test('a DELETE that fails is answered with 503, and finds the user again', async () => {
  const app = await start();
  await app.browser().signIn('bob');
  app.audit.fail();
  expect((await call(app, 'DELETE', `/Users/${id}`)).status).toBe(503);
  expect(await call(app, 'GET', `/Users/${id}`)).toMatchObject({ status: 200, body: { active: false } });
});

test('finds a user by name, and answers alike whether the person ever signed in', async () => {
  const app = await start();
  await app.browser().signIn('bob');
  const find = async (name: string) =>
    (await call(app, 'GET', `/Users?filter=${encodeURIComponent(`userName eq ${JSON.stringify(name)}`)}`)).body;
  const [known, unknown] = [await find(bob), await find('stranger "x"@corp.example')];
  expect(known).toMatchObject({ totalResults: 1, Resources: [{ id, userName: bob, active: true }] });
  expect(known.Resources[0].meta.location).toBe(`${app.config.baseUrl}/scim/v2/Users/${id}`);
  expect(unknown).toMatchObject({
    totalResults: 1,
    Resources: [{ userName: 'stranger "x"@corp.example', active: true }],
  });
  expect((await call(app, 'GET', '/Users')).body).toMatchObject({ totalResults: 0 });
});

test('says what it can do', async () => {
  const { status, body } = await call(await start(), 'GET', '/ServiceProviderConfig');
  expect([status, body.patch, body.filter, body.bulk.supported]).toEqual([
    200,
    { supported: true },
    { supported: true, maxResults: 1 },
    false,
  ]);
});

describe('refused', () => {
  test.each([
    ['none', undefined],
    ['another', 'Bearer another-token-with-more-than-32-characters'],
    ['its hash', `Bearer ${createHash('sha256').update(okta).digest('hex')}`],
    ['as Basic', `Basic ${entra}`],
  ])('a request with this token: %s', async (_, authorization) => {
    const app = await start();
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    for (const [method, path] of [
      ['GET', 'ServiceProviderConfig'],
      ['DELETE', `Users/${id}`],
    ] as const) {
      const answer = await app.browser().send(method, `/scim/v2/${path}`, { headers });
      expect([answer.status, answer.get('WWW-Authenticate'), answer.type]).toEqual([
        401,
        'Bearer',
        'application/scim+json',
      ]);
    }
    expect(recorded(app, 'offboarding_received')).toEqual([]);
    expect(recorded(app, 'offboarding_refused')[0]).toMatchObject({ by: 'scim', code: 'unauthenticated' });
  });

  test.each<[number, string | undefined, string, string, object | undefined]>([
    [400, 'invalidFilter', 'GET', '/Users?filter=displayName%20eq%20%22x%22', undefined],
    [400, 'invalidValue', 'PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: 'no' })],
    [400, 'invalidValue', 'PATCH', `/Users/${id}`, patch({ op: 'remove', path: 'active' })],
    [400, 'invalidSyntax', 'PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: false }] }],
    [400, 'invalidSyntax', 'PUT', `/Users/${id}`, { active: false }],
    [400, 'mutability', 'PUT', `/Users/${id}`, { schemas: [userSchema], userName: 'other', active: false }],
    [409, 'uniqueness', 'POST', '/Users', { schemas: [userSchema], userName: bob }],
    [404, undefined, 'GET', '/Users/not-a-name-', undefined],
    [404, undefined, 'GET', '/Groups', undefined],
  ])('%i %s for %s %s', async (status, scimType, method, path, body) => {
    const app = await start();
    const answer = await call(app, method, path, body);
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
    expect([answer.status, answer.body.scimType]).toEqual([status, scimType]);
    expect(answer.body).toMatchObject({ schemas, status: String(status) });
    expect(await canSignIn(app, 'bob')).toBe(true);
  });

  test('everything where no client is configured', async () => {
    const app = await startApp();
    const headers = { Authorization: `Bearer ${entra}` };
    expect((await app.browser().send('GET', '/scim/v2/ServiceProviderConfig', { headers })).status).toBe(404);
  });
});
