// What ends a sign-in of the command line, and what leaves it alone.
import { beforeEach, expect, test } from 'vitest';
import { type Browser, baseUrl, type TestApp, useApp } from '../support/app.ts';
import { createOAuthClient, type OAuthClient, signInCommandLine } from '../support/oauth.ts';
import { redirect, requestFor, sessionIndexes, signedIn } from '../support/slo.ts';

const start = useApp();
let app: TestApp;
let client: OAuthClient;

beforeEach(async () => {
  app = await start();
  client = createOAuthClient(app);
});

interface SignIn {
  readonly access: string;
  readonly refresh: string;
}

async function commandLine(browser: Browser): Promise<SignIn> {
  const { body } = await signInCommandLine(client, browser);
  return { access: body.access_token, refresh: body.refresh_token };
}

/** With both tokens: an ended grant must not come back by a refresh either. */
const isAlive = async ({ access, refresh }: SignIn) => {
  const isOpen = (await client.get('/api/v1/me', access)).status === 200;
  expect((await client.refresh(refresh)).status).toBe(isOpen ? 200 : 400);
  return isOpen;
};
const lastEvent = (name: string) => app.audit.lines().findLast(({ event }) => event === name);

test('signing out of the portal leaves it alone, unless the person ticks the box', async () => {
  const [one, other] = [await signedIn(app, 'alice', '_one'), await signedIn(app, 'alice', '_two')];
  const bob = await commandLine(await signedIn(app, 'bob', '_one'));
  const first = await commandLine(one);
  await one.postForm('/logout', {});
  expect((await one.get('/api/v1/me')).status).toBe(401);
  const { text } = await one.get('/signed-out?elsewhere=unasked&command_line', { Accept: 'text/html' });
  expect(text).toContain('href="/command-line"');
  expect((await client.get('/api/v1/me', first.access)).status).toBe(200);
  await other.postForm('/logout', { command_line: 'end' });
  expect(await isAlive(first)).toBe(false);
  expect(await isAlive(bob)).toBe(true);
  expect(lastEvent('sign_out')).toMatchObject({ grants: 1 });
});

test('single logout ends those of its SessionIndex; without one all of the person', async () => {
  const [one, other] = [await signedIn(app, 'alice', '_one'), await signedIn(app, 'alice', '_two')];
  const [first, second] = [await commandLine(one), await commandLine(other)];
  const bob = await commandLine(await signedIn(app, 'bob', '_one'));
  await redirect(app, app.browser(), requestFor(app, { sessionIndexes: sessionIndexes('_one') }));
  expect(await isAlive(first)).toBe(false);
  expect((await client.get('/api/v1/me', second.access)).status).toBe(200);
  expect(lastEvent('logout_requested')).toMatchObject({ sessionsEnded: 1, grantsEnded: 1 });
  // After the portal's session as well: the grant is found by itself.
  await other.postForm('/logout', {});
  await redirect(app, app.browser(), requestFor(app, { sessionIndexes: '' }));
  expect(await isAlive(second)).toBe(false);
  expect(await isAlive(bob)).toBe(true);
});

test('DELETE /api/v1/grants ends all of the person, by token or by session and our Origin', async () => {
  const browser = await signedIn(app, 'alice', '_one');
  const { send } = app.browser();
  const [first, second] = [await commandLine(browser), await commandLine(browser)];
  const bob = await commandLine(await signedIn(app, 'bob', '_one'));
  expect((await send('DELETE', '/api/v1/grants')).status).toBe(403);
  expect((await browser.send('DELETE', '/api/v1/grants')).status).toBe(403);
  expect((await client.get('/api/v1/me', first.access)).status).toBe(200);
  const headers = { Authorization: `Bearer ${second.access}` };
  expect((await send('DELETE', '/api/v1/grants', { headers })).body).toEqual({ ended: 2 });
  expect([await isAlive(first), await isAlive(second), await isAlive(bob)]).toEqual([false, false, true]);
  expect((await browser.get('/api/v1/me')).status).toBe(200);
  const third = await commandLine(browser);
  expect((await browser.send('DELETE', '/api/v1/grants', { headers: { Origin: baseUrl } })).body).toEqual({ ended: 1 });
  expect(await isAlive(third)).toBe(false);
  expect(lastEvent('grants_ended')).toMatchObject({ user: 'alice@corp.example', ended: 1 });
});

test('what a CLI session asks for names it and its machine in the audit trail and the activity', async () => {
  const browser = await signedIn(app, 'alice', '_one');
  const tokens = await commandLine(browser);
  const { grant, deviceHost } = lastEvent('grant_opened') ?? {};
  const { body } = await client.refresh(tokens.refresh);
  expect(lastEvent('tokens_refreshed')).toMatchObject({ grant, deviceHost, user: 'alice@corp.example' });
  const headers = { Authorization: `Bearer ${body.access_token}`, 'Content-Type': 'application/json' };
  const roleArn = 'arn:aws:iam::111122223333:role/Nothing';
  expect((await app.browser().send('POST', '/api/v1/credentials', { headers, body: { roleArn } })).status).toBe(403);
  const named = { cliSession: grant, machine: expect.stringContaining(`@${deviceHost} (`) };
  expect(lastEvent('role_refused')).toMatchObject({ roleArn, ...named });
  const { entries } = (await client.get('/api/v1/activity', body.access_token)).body;
  expect(entries[0]).toMatchObject({ kind: 'refused', roleArn, ...named });
  await browser.postJson('/api/v1/credentials', { roleArn });
  expect(lastEvent('role_refused')).not.toHaveProperty('cliSession');
});

test('one sign-in ends without the others of the same person', async () => {
  const browser = await signedIn(app, 'alice', '_one');
  const [first, second] = [await commandLine(browser), await commandLine(browser)];
  await client.post('/oauth/revoke', { token: first.refresh });
  expect([await isAlive(first), await isAlive(second)]).toEqual([false, true]);
  expect(lastEvent('grant_ended')).toMatchObject({ reason: 'revoked', user: 'alice@corp.example' });
});

test('the page lists them, and ends one or all of the person, and none of other users', async () => {
  expect((await app.browser().get('/command-line')).headers['location']).toBe('/login?return_to=%2Fcommand-line');
  const browser = await signedIn(app, 'alice', '_one');
  const other = await signedIn(app, 'bob', '_one');
  const [first, second] = [await commandLine(browser), await commandLine(browser)];
  const bob = await commandLine(other);
  const names = async () => {
    const { text } = await browser.get('/command-line', { Accept: 'text/html' });
    return [...text.matchAll(/name="grant" value="([^"]+)"/g)].map(([, name]) => name!);
  };
  const [newest, oldest, ...more] = await names();
  expect(more).toEqual([]);
  await other.postForm('/portal/command-line', { grant: oldest! });
  expect(await names()).toHaveLength(2);
  const body = `grant=${newest}`;
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  expect((await browser.send('POST', '/portal/command-line', { headers: form, body })).status).toBe(403);
  await browser.postForm('/portal/command-line', { grant: newest! });
  expect(await names()).toEqual([oldest]);
  expect([await isAlive(first), await isAlive(second)].filter(Boolean)).toHaveLength(1);
  await browser.postForm('/portal/command-line', {});
  expect(await names()).toEqual([]);
  expect(await isAlive(bob)).toBe(true);
});
