// An attacker with an account and write access to Redis forges records: sessions, tokens, pending sign-ins.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type TestApp, useApp } from '../../http/support/app.ts';
import { createOAuthClient, signInCommandLine } from '../../http/support/oauth.ts';
import { type Database, forgeries, openDatabase, recordKey, sessionIdOf } from '../support/database.ts';

const start = useApp();
const secret = 'the first secret of the session cookie';
let app: TestApp;
let database: Database;

beforeEach(async () => {
  const keyPrefix = `forgery-${randomBytes(6).toString('hex')}:`;
  const store = { type: 'redis', url: inject('redisUrl'), keyPrefix };
  app = await start((raw) => ({ ...raw, store, session: { secrets: [secret] } }));
  database = openDatabase(inject('redisUrl'), keyPrefix);
});
afterEach(() => database?.close());

const admin = {
  identity: {
    ...{ idp: 'adfs', user: 'ceo@corp.example', userSource: 'upn', displayName: 'The CEO' },
    ...{ groups: ['CORP\\Engineers', 'CORP\\Admins'], claims: {}, authnInstant: Date.parse('2026-03-02T09:00:00Z') },
    authnContexts: ['http://schemas.microsoft.com/claims/multipleauthn'],
  },
  assertionId: '_never-issued',
  expiresAt: Date.parse('2027-03-02T09:00:00Z'),
};
const cookie = { originalMaxAge: null, httpOnly: true, path: '/', sameSite: 'lax' };
const signedInAs = async (browser: ReturnType<TestApp['browser']>) => {
  const { status, body } = await browser.get('/api/v1/me');
  return [status, body.user];
};

test('a session of anybody, under the id in their own cookie', async () => {
  const browser = app.browser();
  await browser.signIn('bob');
  expect(await signedInAs(browser)).toEqual([200, 'bob@corp.example']);
  const id = sessionIdOf(browser.cookies);
  for (const forged of forgeries({ cookie, signedIn: admin }, 'session', id)) {
    await database.plant(recordKey('session', id), forged);
    expect(await signedInAs(browser)).toEqual([401, undefined]);
    const role = { roleArn: 'arn:aws:iam::111122223333:role/Admin' };
    expect((await browser.postJson('/api/v1/credentials', role)).status).toBe(401);
  }
});

test('a grant and its token, under an access token that the attacker chose', async () => {
  const browser = app.browser();
  await browser.signIn('bob');
  const client = createOAuthClient(app);
  const { access_token: token } = (await signInCommandLine(client, browser)).body;
  expect((await client.get('/api/v1/me', token)).body.user).toBe('bob@corp.example');
  const device = { host: 'laptop', os: 'Linux', user: 'bob' };
  const grant = { device, sourceIp: '192.0.2.1', confirmedAt: 0, session: admin };
  // The library reads the system's clock.
  const now = Math.floor(Math.max(Date.now(), app.clock.now().getTime()) / 1000);
  const payload = {
    ...{ iat: now, exp: now + 600, accountId: 'ceo@corp.example', clientId: 'rolegate-cli', grantId: 'chosen' },
    ...{ kind: 'AccessToken', jti: token, scope: 'aws', gty: 'authorization_code' },
  };
  const record = { payload, expiresAt: (now + 600) * 1000 };
  for (const [index, forged] of forgeries(record, 'oauth-accesstoken', token).entries()) {
    await database.plant(recordKey('grant', 'chosen'), forgeries(grant, 'grant', 'chosen')[index]!);
    await database.plant(recordKey('oauth-accesstoken', token), forged);
    expect((await client.get('/api/v1/me', token)).status).toBe(401);
  }
});

test('a pending sign-in that no identity provider was asked for', async () => {
  const browser = app.browser();
  const { relayState, requestId } = await browser.startLogin();
  const secret = `${browser.cookies.get('rolegate-login')}.${relayState}`;
  const pending = {
    ...{ idp: 'adfs', returnTo: '/', startedAt: app.clock.now().getTime(), forceAuthn: false },
    requestId: '_of-a-stolen-response',
  };
  const stolen = { response: undefined as never, requestId: '_of-a-stolen-response', relayState };
  const until = app.clock.now().getTime() + 600_000;
  const [old, ...others] = [
    forgeries(pending, 'login', secret)[0]!,
    ...forgeries({ value: pending, until }, 'login', secret),
  ];
  const genuine = await database.read(recordKey('login', secret));
  for (const forged of [old, ...others]) {
    await database.plant(recordKey('login', secret), forged!);
    expect((await browser.answer(stolen, 'alice')).status).toBe(403);
  }
  await database.plant(recordKey('login', secret), genuine);
  expect((await browser.answer({ ...stolen, requestId }, 'alice')).status).toBe(303);
});
