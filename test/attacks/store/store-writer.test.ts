// An attacker with write access to Redis moves genuine records, restores older ones, marks ids and edits indexes.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type Browser, type TestApp, useApp } from '../../http/support/app.ts';
import { createOAuthClient, createProof, signInCommandLine } from '../../http/support/oauth.ts';
import { redirect, requestFor, signedIn as signedInWithIndex } from '../../http/support/slo.ts';
import { type Database, openDatabase, recordKey, sessionIdOf } from '../support/database.ts';

const start = useApp();
const admin = 'arn:aws:iam::111122223333:role/Admin';
let app: TestApp;
let database: Database;

beforeEach(async () => {
  const keyPrefix = `writer-${randomBytes(6).toString('hex')}:`;
  app = await start((raw) => ({
    ...raw,
    store: { type: 'redis', url: inject('redisUrl'), keyPrefix },
    identityProviders: (raw['identityProviders'] as object[]).map((idp) => ({
      ...idp,
      unsolicited: { allowed: true },
    })),
  }));
  database = openDatabase(inject('redisUrl'), keyPrefix);
});
afterEach(() => database?.close());

const signedIn = async (name: string, query = '') => {
  const browser = app.browser();
  await browser.signIn(name, query);
  return browser;
};
const userOf = async (browser: Browser) => (await browser.get('/api/v1/me')).body.user;
const sessionKey = (browser: Browser) => recordKey('session', sessionIdOf(browser.cookies));
const favouritesOf = async (browser: Browser) => (await browser.get('/api/v1/preferences')).body.favourites;

/** What an identity provider posts unasked. */
async function postUnsolicited(browser: Browser, username: string) {
  const samlResponse = app.adfs.issueResponse({ username, relyingParty: `${app.config.baseUrl}/saml/metadata` });
  const post = () =>
    browser.send('POST', '/saml/acs', {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: new URL(app.adfs.url).origin },
      body: new URLSearchParams({ SAMLResponse: samlResponse }).toString(),
    });
  return { post, samlResponse };
}

test('no record opens in the place of another, of the same type or of any', async () => {
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  const client = createOAuthClient(app);
  const tokens: string[] = [];
  for (const browser of [alice, bob]) {
    tokens.push((await signInCommandLine(client, browser)).body.access_token);
    await client.push(createProof());
    const favourites = [`arn:aws:iam::111122223333:role/${await userOf(browser)}`];
    await browser.send('PUT', '/api/v1/preferences/favourites', {
      headers: { Origin: app.config.baseUrl, 'Content-Type': 'application/json' },
      body: { favourites },
    });
  }
  const pending = await app.browser().startLogin();
  expect(pending.response.status).toBe(303);
  const genuine = await database.snapshot();
  const types = new Set([...genuine.keys()].map((key) => key.split(':')[0]!));
  for (const type of ['session', 'entry', 'grant', 'oauth-accesstoken', 'oauth-refreshtoken', 'preferences', 'login']) {
    expect(types).toContain(type);
  }
  const check = async () => [
    await userOf(alice),
    await userOf(bob),
    ...(await Promise.all(tokens.map(async (token) => (await client.get('/api/v1/me', token)).status))),
  ];
  expect(await check()).toEqual(['alice@corp.example', 'bob@corp.example', 200, 200]);
  const rotate = async (keys: readonly string[]) => {
    for (const [index, key] of keys.entries()) {
      await database.plant(key, genuine.get(keys[(index + 1) % keys.length]!)!);
    }
  };
  // Each type alone: sessions, their entries, grants, tokens.
  for (const [type, expected] of [
    ['session', [undefined, undefined, 200, 200]],
    ['grant', ['alice@corp.example', 'bob@corp.example', 401, 401]],
    ['oauth-accesstoken', ['alice@corp.example', 'bob@corp.example', 401, 401]],
    ['entry', [undefined, undefined, 401, 401]],
  ] as const) {
    await rotate([...genuine.keys()].filter((key) => key.startsWith(`${type}:`)));
    expect([type, await check()]).toEqual([type, expected]);
    await database.restore(genuine);
  }
  const stored = [...genuine.keys()].filter((key) => key.startsWith('preferences:'));
  await rotate(stored);
  expect(await Promise.all([alice, bob].map(favouritesOf))).toEqual([[], []]);
  // All of them, whatever their type.
  await rotate([...genuine.keys()].sort(() => 0.5 - randomBytes(1)[0]! / 255));
  expect(await check()).toEqual([undefined, undefined, 401, 401]);
});

test('an older session, put back, has no step-up; put under the new id, it opens nothing', async () => {
  const alice = await signedIn('alice');
  const before = { cookies: new Map(alice.cookies), key: sessionKey(alice), snapshot: await database.snapshot() };
  const mfa = { authnContextClassRef: 'https://refeds.org/profile/mfa' };
  const answered = await alice.answer(await alice.startLogin(`?step_up=${encodeURIComponent(admin)}`), 'alice', mfa);
  expect(answered.status).toBe(303);
  const ask = async (browser: Browser) => (await browser.postJson('/api/v1/credentials', { roleArn: admin })).body.code;
  expect(await ask(alice)).not.toBe('step_up_required');
  expect(sessionKey(alice)).not.toBe(before.key);
  const old = app.browser(before.cookies);
  expect(await userOf(old)).toBeUndefined();
  await database.restore(before.snapshot);
  expect(await userOf(old)).toBe('alice@corp.example');
  expect(await ask(old)).toBe('step_up_required');
  await database.plant(before.key, await database.read(sessionKey(alice)));
  expect(await userOf(old)).toBeUndefined();
  await database.plant(sessionKey(alice), before.snapshot.get(before.key)!);
  expect(await userOf(alice)).toBeUndefined();
});

test('a session or CLI session whose entry is removed has ended: none is hidden from the directory', async () => {
  const alice = await signedIn('alice');
  const client = createOAuthClient(app);
  const token = (await signInCommandLine(client, alice)).body.access_token;
  expect((await client.get('/api/v1/me', token)).status).toBe(200);
  await database.remove(...(await database.keys('entry')));
  expect(await userOf(alice)).toBeUndefined();
  expect((await client.get('/api/v1/me', token)).status).toBe(401);
});

test('a mark that another program wrote counts as used, and the audit record says so', async () => {
  const { post, samlResponse } = await postUnsolicited(app.browser(), 'alice');
  const id = /<Assertion[^>]* ID="([^"]+)"/.exec(Buffer.from(samlResponse, 'base64').toString())![1];
  await database.plant(recordKey('assertion-used', JSON.stringify([app.adfs.entityId, id])), '1');
  expect((await post()).status).toBe(403);
  const refusal = app.audit.lines().find(({ event }) => event === 'sign_in_refused');
  expect(refusal).toMatchObject({ reason: 'replay', detail: expect.stringContaining('who else writes to the store') });
});

test('a member of one index has no meaning in another, nor a changed one in its own', async () => {
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  const indexes = await database.keys('open-sessions');
  expect(indexes).toHaveLength(2);
  const members = await Promise.all(indexes.map((key) => database.members(key)));
  const handleOf = (browser: Browser) => sessionKey(browser).split(':')[1]!;
  const ofBob = members.flat().find((member) => member.startsWith(handleOf(bob)))!;
  const aliceIndex = indexes[members.findIndex((each) => each.some((one) => one.startsWith(handleOf(alice))))]!;
  const [own] = await database.members(aliceIndex);
  await database.addMember(aliceIndex, ofBob);
  await database.addMember(aliceIndex, own!.replace(handleOf(alice), handleOf(bob)));
  await alice.postForm('/logout', {});
  expect(await userOf(alice)).toBeUndefined();
  expect(await userOf(bob)).toBe('bob@corp.example');
});

test('an unsolicited sign-in ends the former session of the browser', async () => {
  const browser = await signedIn('bob');
  const former = app.browser(new Map(browser.cookies));
  const { post } = await postUnsolicited(browser, 'alice');
  // The form of another site does not bring the session's Lax cookie along.
  browser.cookies.delete('rolegate');
  expect((await post()).status).toBe(303);
  expect(await userOf(browser)).toBe('alice@corp.example');
  expect(await userOf(former)).toBeUndefined();
});

test('a LogoutRequest that the store failed has its effect when it is sent again, and then no more', async () => {
  const alice = await signedInWithIndex(app, 'alice', '_one');
  const [index] = await database.keys('open-sessions');
  await database.rename(index!, 'aside');
  await database.plant(index!, 'no sorted set');
  const message = requestFor(app);
  expect((await redirect(app, app.browser(), message)).status).toBe(503);
  await database.rename('aside', index!);
  expect(await userOf(alice)).toBe('alice@corp.example');
  expect((await redirect(app, app.browser(), message)).status).toBe(303);
  expect(await userOf(alice)).toBeUndefined();
  app.clock.advance(1);
  const again = await signedInWithIndex(app, 'alice', '_one');
  expect((await redirect(app, app.browser(), message)).status).toBe(403);
  expect(await userOf(again)).toBe('alice@corp.example');
});
