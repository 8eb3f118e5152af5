// A sign-in of the command line between two browsers: what a sibling host can plant (every cookie but a `__Host-` one), and
// several answers to one request.
import { beforeEach, expect, test } from 'vitest';
import { type Browser, type TestApp, useApp } from '../../http/support/app.ts';
import {
  createOAuthClient,
  createProof,
  decide,
  follow,
  type OAuthClient,
  openInBrowser,
  readConfirm,
} from '../../http/support/oauth.ts';

const start = useApp();
let app: TestApp;
let client: OAuthClient;
beforeEach(async () => {
  app = await start();
  client = createOAuthClient(app);
});

async function signedIn(name = 'alice'): Promise<Browser> {
  const browser = app.browser();
  await browser.signIn(name);
  return browser;
}

/** As `Set-Cookie: …; Domain=corp.example` of a sibling host does. */
function plant(from: Browser, to: Browser, pattern: RegExp): void {
  for (const [name, value] of from.cookies) if (pattern.test(name)) to.cookies.set(name, value);
}

const openGrants = async (browser: Browser) =>
  (await browser.get('/command-line', { Accept: 'text/html' })).text.split('name="grant"').length - 1;

test('the page is not shown in a browser that did not open the address, whatever cookies were planted there', async () => {
  const [attacker, victim] = [app.browser(), await signedIn()];
  const path = await openInBrowser(attacker, await client.push(createProof()));
  plant(attacker, victim, /^rolegate-(confirm|authorize)/);
  const { person } = await readConfirm(await signedIn(), '/');
  expect((await victim.get(path, { Accept: 'text/html' })).status).toBe(400);
  const own = await openInBrowser(victim, await client.push(createProof()));
  const mark = (await readConfirm(victim, own)).person;
  plant(attacker, victim, /^rolegate-(confirm|authorize)/);
  expect((await decide(victim, path, { decision: 'allow', person: mark || person })).status).toBe(400);
  expect(app.audit.lines().filter(({ event }) => event === 'command_line_confirmed')).toEqual([]);
});

test('what one browser allowed, another does not go on with', async () => {
  const [attacker, victim] = [app.browser(), await signedIn()];
  const path = await openInBrowser(victim, await client.push(createProof()));
  const { person } = await readConfirm(victim, path);
  const page = await decide(victim, path, { decision: 'allow', person });
  plant(victim, attacker, /^rolegate-(confirm|authorize)/);
  expect((await follow(attacker, page)).href).toBe('about:blank');
  // With the browser's secret as well, and no session: the one that allowed it has to be there.
  plant(victim, attacker, /^rolegate-login/);
  expect((await follow(attacker, page)).searchParams.get('error')).toBe('access_denied');
});

test('nor does the same browser as another person', async () => {
  const browser = await signedIn('alice');
  const path = await openInBrowser(browser, await client.push(createProof()));
  const { person } = await readConfirm(browser, path);
  const page = await decide(browser, path, { decision: 'allow', person });
  await browser.signIn('bob');
  expect((await follow(browser, page)).searchParams.get('error')).toBe('access_denied');
});

test('the way of every day: one browser, signed in on the way', async () => {
  const browser = app.browser();
  const path = await openInBrowser(browser, await client.push(createProof()));
  await browser.signIn('alice');
  const { person } = await readConfirm(browser, path);
  const url = await follow(browser, await decide(browser, path, { decision: 'allow', person }));
  expect(url.searchParams.get('code')).toMatch(/./);
});

test('the first answer counts, of six at once', async () => {
  for (const answers of [
    ['not_me', 'allow', 'allow', 'not_me', 'allow', 'not_me'],
    ['allow', 'not_me', 'allow', 'not_me', 'cancel', 'allow'],
  ]) {
    const browser = await signedIn();
    const before = await openGrants(browser);
    const proof = createProof();
    const path = await openInBrowser(browser, await client.push(proof));
    const { person } = await readConfirm(browser, path);
    const pages = await Promise.all(answers.map((decision) => decide(browser, path, { decision, person })));
    const [winner, ...others] = pages.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(others).toEqual([]);
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(5);
    const url = await follow(browser, pages[winner!]!);
    if (answers[winner!] === 'allow') {
      expect((await client.redeem(url.searchParams.get('code') ?? '', proof)).status).toBe(200);
      expect(await openGrants(browser)).toBe(before + 1);
    } else {
      expect(url.searchParams.get('error')).toBe('access_denied');
      expect(await openGrants(browser)).toBe(before);
    }
  }
});

test('"This was not me" stays the answer, and the terminal hears of it', async () => {
  const browser = await signedIn();
  const proof = createProof();
  const path = await openInBrowser(browser, await client.push(proof));
  const { person } = await readConfirm(browser, path);
  const denied = await decide(browser, path, { decision: 'not_me', person });
  expect((await decide(browser, path, { decision: 'allow', person })).status).toBe(400);
  const url = await follow(browser, denied);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    error: 'access_denied',
    error_description: "'This was not me' was chosen in the browser",
    state: proof.state,
  });
  expect(url.host).toBe('127.0.0.1:50123');
});
