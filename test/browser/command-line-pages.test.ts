// The pages of the command line in Chromium, by axe and ruler, in both languages: the one that asks whether it may sign in,
// to a listener on either loopback address, and the one that lists such sign-ins and ends them.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { confirmationCode, pushedRequest } from '../../src/wire/oauth.ts';
import { openTerminal, signInAddress, type Terminal } from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createProof } from '../http/support/oauth.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { answerIdentityProvider, signOut } from './support/person.ts';

let demo: TestDemo;
let bundle: Bundle;
const listeners: Server[] = [];
const terminals: Terminal[] = [];

const chromium = useChromium();

beforeAll(async () => {
  [demo, bundle] = await Promise.all([startTestDemo(), buildBundle()]);
});

afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  for (const terminal of terminals.splice(0)) terminal.remove();
});

afterAll(async () => {
  await demo?.close();
  bundle?.remove();
});

async function listen(host: '127.0.0.1' | '::1'): Promise<{ redirectUri: string; called: Promise<URL> }> {
  let arrived: (url: URL) => void = () => {};
  const called = new Promise<URL>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://listener');
    response.end('<!doctype html><title>Done</title>Done');
    if (url.pathname === '/callback') arrived(url);
  });
  listeners.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return { redirectUri: `http://${host === '::1' ? '[::1]' : host}:${port}/callback`, called };
}

async function ask(redirectUri: string): Promise<{ url: string; code: string; state: string }> {
  const { challenge, state } = createProof();
  const body = new URLSearchParams({
    ...{ client_id: 'rolegate-cli', response_type: 'code', scope: 'aws', redirect_uri: redirectUri, state },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...{ device_host: '<b>build-7</b>'.padEnd(80, 'x'), device_os: 'Linux 6.8', device_user: 'alice' },
  });
  const response = await fetch(`${demo.brokerUrl}/oauth/par`, { method: 'POST', body });
  const { request_uri } = pushedRequest.parse(await response.json());
  const query = new URLSearchParams({ client_id: 'rolegate-cli', request_uri });
  return { url: `${demo.brokerUrl}/oauth/authorize?${query}`, code: confirmationCode(challenge), state };
}

test.each(['127.0.0.1', '::1'] as const)('over a sign-in, one click leads to the listener on %s', async (host) => {
  const page = await chromium.open();
  const { redirectUri, called } = await listen(host);
  const { url, code, state } = await ask(redirectUri);
  await page.goto(url);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  expect(await page.textContent('main')).toContain(code);
  expect(await page.textContent('main')).toContain('<b>build-7</b>');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Allow' }).click();
  const { searchParams } = await called;
  expect(searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
  expect(searchParams.get('state')).toBe(state);
});

test('in Korean, dark and on a telephone; a code has to be typed for another machine', async () => {
  const page = await chromium.open({
    ...{ locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  });
  const { url, code } = await ask(`${demo.brokerUrl}/oauth/remote`);
  await page.goto(url);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  expect(await page.textContent('main')).not.toContain(code);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  await page.getByLabel('코드').fill('AAAA-BBBB');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('alert').textContent()).toContain('코드가 아닙니다');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('코드').fill(code);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/oauth/remote?**');
  expect(await page.locator('#remote-code').textContent()).toMatch(/^[\w-]+\.[\w-]+$/);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});

test('the button "It was not me" needs no code, and stays on this page', async () => {
  const page = await chromium.open();
  const { url } = await ask(`${demo.brokerUrl}/oauth/remote`);
  await page.goto(url);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  await page.getByRole('button', { name: 'This was not me' }).click();
  expect(await page.textContent('h1')).toBe('Denied and recorded');
  expect(demo.audit.at(-1)).toMatchObject({ event: 'command_line_denied', reason: 'not_me' });
});

/** A separate terminal, signed in by the person who is signed in to this page's browser. */
async function signInTerminal(page: Page): Promise<Terminal> {
  const terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
  terminals.push(terminal);
  const login = terminal.start('login', '--no-browser');
  await page.goto(await login.says(signInAddress));
  await answerIdentityProvider(page, demo.brokerUrl, 'bob');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('The command line is signed in.').waitFor();
  expect(await login.ended, login.stderr()).toBe(0);
  return terminal;
}

const stands = async ({ run }: Terminal) => (await run('whoami')).code;

test('the list ends one sign-in and no other, signing out says that the rest goes on, and the list ends that too', async () => {
  const page = await chromium.open({ locale: 'en-GB', viewport: { width: 320, height: 640 } });
  const [older, newer] = [await signInTerminal(page), await signInTerminal(page)];
  const isFine = async () => expect([await accessibilityProblems(page), await overflow(page)]).toEqual([[], 0]);
  await page.goto(demo.brokerUrl);
  await page.locator('details.person > summary').click();
  await page.getByRole('link', { name: 'CLI sessions' }).click();
  const ends = page.getByRole('button', { name: `End: ${hostname()}` });
  expect(await ends.count()).toBe(2);
  await isFine();
  await ends.first().click();
  await expect.poll(() => ends.count()).toBe(1);
  expect([await stands(older), await stands(newer)]).toEqual([0, 3]);
  await signOut(page);
  await page.waitForURL(`${demo.brokerUrl}/signed-out**`);
  expect(await page.textContent('main')).toContain('still signed in on the command line');
  await isFine();
  await page.getByRole('link', { name: 'View and end CLI sessions' }).click();
  await answerIdentityProvider(page, demo.brokerUrl, 'bob');
  await page.getByRole('button', { name: 'End all' }).click();
  await page.getByText('You have no CLI sessions.').waitFor();
  await isFine();
  expect(await stands(older)).toBe(3);
});

test('in Korean and dark, the list and the page after signing out', async () => {
  const page = await chromium.open({ locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 320, height: 640 } });
  const { redirectUri } = await listen('127.0.0.1');
  await page.goto((await ask(redirectUri)).url);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  await page.getByRole('button', { name: '허용' }).click();
  await page.waitForURL('**/callback?**');
  for (const [path, words] of [
    ['/command-line', '모두 종료'],
    ['/signed-out?command_line', '명령줄에는 아직'],
  ] as const) {
    await page.goto(demo.brokerUrl + path);
    expect(await page.textContent('main')).toContain(words);
    expect([await accessibilityProblems(page), await overflow(page)]).toEqual([[], 0]);
  }
});
