// The page that asks whether a command line may sign in, in Chromium: over a sign-in, to a listener on either loopback
// address, in both languages, by axe and ruler.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { confirmationCode, pushedRequest } from '../../src/wire/oauth.ts';
import { createProof } from '../http/support/oauth.ts';
import { launchChromium } from '../support/chromium.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { accessibilityProblems, answerIdentityProvider, complaintsOf, overflow } from './support/reader.ts';

let demo: TestDemo;
let browser: Browser;
let context: BrowserContext;
let complaints: string[];
const listeners: Server[] = [];

beforeAll(async () => {
  demo = await startTestDemo();
  browser = await launchChromium();
});

afterEach(async () => {
  await context?.close();
  for (const listener of listeners.splice(0)) listener.close();
  expect(complaints).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  context = await browser.newContext(options);
  complaints = complaintsOf(context);
  return context.newPage();
}

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
  const page = await openPage();
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
  const page = await openPage({
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

test('saying that it was somebody else needs no code, and stays here', async () => {
  const page = await openPage();
  const { url } = await ask(`${demo.brokerUrl}/oauth/remote`);
  await page.goto(url);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  await page.getByRole('button', { name: 'This was not me' }).click();
  expect(await page.textContent('h1')).toBe('Refused, and recorded');
  expect(demo.audit.at(-1)).toMatchObject({ event: 'command_line_denied', reason: 'not_me' });
});
