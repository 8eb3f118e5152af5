// The handle with which `rolegate console` opens a console without the page that asks: it works once, soon, for its link, its
// CLI session and its person; what else is tried with it gets the page.
import { beforeEach, expect, test } from 'vitest';
import { type Browser, type TestApp, useApp } from '../../http/support/app.ts';
import { createOAuthClient, signInCommandLine } from '../../http/support/oauth.ts';

const start = useApp();
const link = '/console?role=payments-dev%2FDeveloper';
let app: TestApp;
let alice: Browser;
let token: string;
beforeEach(async () => {
  // No server listens there: the audit trail shows what the broker asked of AWS.
  const endpoints = { sts: 'http://127.0.0.1:9', signin: 'http://127.0.0.1:9' };
  app = await start((raw) => ({ ...raw, aws: { ...(raw['aws'] as object), endpoints } }));
  alice = app.browser();
  await alice.signIn('alice');
  token = (await signInCommandLine(createOAuthClient(app), alice)).body.access_token;
});

const ask = (path: string, headers: Record<string, string> = { Authorization: `Bearer ${token}` }) =>
  app.browser().send('POST', '/api/v1/console-handles', {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ path }),
  });
const handleOf = async (path = link) => String((await ask(path)).body.handle);
/** As a browser does that a program started. */
const open = (browser: Browser, url: string, headers: Record<string, string> = {}) =>
  browser.get(url, { Accept: 'text/html', 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Dest': 'document', ...headers });
const requested = () => app.audit.lines().filter(({ event }) => event === 'credentials_requested');

test('opens once, and the audit trail names the CLI session', async () => {
  const url = `${link}&handle=${await handleOf()}`;
  expect((await open(alice, url)).text).not.toContain('name="roleArn"');
  expect(requested()).toMatchObject([{ user: 'alice@corp.example', cliSession: expect.stringMatching(/./) }]);
  const again = await open(alice, url);
  expect([again.status, again.text]).toEqual([200, expect.stringContaining('name="roleArn"')]);
  expect(requested()).toHaveLength(1);
});

test("another person's browser gets the page, and the handle is gone", async () => {
  const url = `${link}&handle=${await handleOf()}`;
  const bob = app.browser();
  await bob.signIn('bob');
  await open(bob, url);
  expect((await open(alice, url)).text).toContain('name="roleArn"');
  expect(requested()).toEqual([]);
});

test('a browser without a session signs in first, and comes back to the page', async () => {
  const url = `${link}&handle=${await handleOf()}`;
  const response = await open(app.browser(), url);
  expect(response.status).toBe(303);
  expect(decodeURIComponent(response.get('Location') ?? '')).not.toContain('handle');
  expect((await open(alice, url)).text).toContain('name="roleArn"');
  expect(requested()).toEqual([]);
});

test('after a minute, after the end of the CLI session, and for another link the page asks', async () => {
  const [late, ended, other] = [await handleOf(), await handleOf(), await handleOf()];
  expect((await open(alice, `${link}&region=us-east-2&handle=${other}`)).text).toContain('name="roleArn"');
  app.clock.advance(61_000);
  expect((await open(alice, `${link}&handle=${late}`)).text).toContain('name="roleArn"');
  const fresh = await handleOf();
  await app.browser().send('DELETE', '/api/v1/grants', { headers: { Authorization: `Bearer ${token}` } });
  for (const handle of [fresh, ended]) {
    expect((await open(alice, `${link}&handle=${handle}`)).text).toContain('name="roleArn"');
  }
  expect(requested()).toEqual([]);
});

test.each([
  ['a link of another site', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a sibling host', { 'Sec-Fetch-Site': 'same-site' }],
  ['a frame', { 'Sec-Fetch-Dest': 'iframe' }],
  ['a prefetch', { 'Sec-Purpose': 'prefetch' }],
  ['a page that an old browser names', { 'Sec-Fetch-Site': 'none', Referer: 'https://evil.example/' }],
])('%s gets the page', async (_, headers: Record<string, string>) => {
  const response = await open(alice, `${link}&handle=${await handleOf()}`, headers);
  expect(response.text).toContain('name="roleArn"');
  expect(requested()).toEqual([]);
});

test('only a CLI session gets a handle, and only for a console link', async () => {
  const headers = { 'Content-Type': 'application/json', Origin: 'http://127.0.0.1:8080' };
  const body = JSON.stringify({ path: link });
  expect((await alice.send('POST', '/api/v1/console-handles', { headers, body })).status).toBe(400);
  expect((await ask(link, {})).status).toBe(403);
  for (const path of ['/portal/console', 'https://evil.example/console?role=x', '/console?role=x\n']) {
    expect((await ask(path)).status).toBe(400);
  }
});
