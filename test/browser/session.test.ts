// How sessions end, in Chromium: the warning, the way on, the back button, several tabs and several people, frames.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { type PageServer, servePages } from '../support/page-server.ts';
import { answerIdentityProvider, signOut, visit } from './support/person.ts';

const minute = 60_000;
let skewMs = 0;
let demo: TestDemo;
let intranet: PageServer;

const chromium = useChromium({ locale: 'en-GB' });

beforeAll(async () => {
  intranet = await servePages({});
  const embedders = [`http://127.0.0.1:${intranet.port}`, `http://localhost:${intranet.port}`];
  demo = await startTestDemo({
    idpHost: 'localhost',
    clock: { now: () => new Date(Date.now() + skewMs) },
    adjust: (config) => ({ ...config, portal: { ...(config['portal'] as object), embedders } }),
  });
  const frame = (path: string) =>
    `<!doctype html><title>Intranet</title><iframe src="${demo.brokerUrl}${path}"></iframe>`;
  intranet.routes['/'] = [200, { 'content-type': 'text/html' }, frame('/why')];
});

afterAll(async () => {
  await demo?.close();
  await intranet?.stop();
});

afterEach(async () => {
  skewMs = 0;
});

/** A page whose own clock can be moved. */
async function openWithClock(): Promise<Page> {
  const page = await chromium.open();
  await page.clock.install();
  return page;
}

const watch = (page: Page) => page.locator('#session-watch');

test('five minutes before an idle session ends the page says so, and one press keeps it', async () => {
  const page = await openWithClock();
  await visit(page, demo.brokerUrl, '/why?role=Admin', 'alice');
  await page.clock.runFor(54 * minute);
  expect(await watch(page).textContent()).toBe('');
  await page.clock.runFor(2 * minute);
  expect(await watch(page).textContent()).toMatch(/Your session expires at \d{1,2}:\d\d/);
  expect(await watch(page).getAttribute('aria-live')).toBe('polite');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Stay signed in' }).click();
  await page.waitForFunction(() => document.getElementById('session-watch')?.textContent === '');
  expect(page.url()).toBe(`${demo.brokerUrl}/why?role=Admin`);
  await page.clock.runFor(54 * minute);
  expect(await watch(page).textContent()).toBe('');
  await page.clock.runFor(7 * minute);
  expect(await watch(page).textContent()).toContain('Your session has expired.');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('what one tab does keeps the session for the others too', async () => {
  const page = await openWithClock();
  await visit(page, demo.brokerUrl, '/why', 'alice');
  await page.clock.runFor(56 * minute);
  await watch(page).getByRole('link').waitFor();
  const other = await page.context().newPage();
  await other.goto(demo.brokerUrl);
  await page.waitForFunction(() => document.getElementById('session-watch')?.textContent === '');
});

test('before its absolute end the way on is another sign-in, which comes back', async () => {
  const page = await openWithClock();
  await visit(page, demo.brokerUrl, '/why', 'alice');
  for (let hours = 0; hours < 11; hours++) {
    skewMs += 54 * minute;
    await page.request.get(`${demo.brokerUrl}/api/v1/me`);
  }
  await page.goto(`${demo.brokerUrl}/why?role=Admin`);
  await page.clock.runFor(2 * minute);
  expect(await watch(page).textContent()).toContain('cannot be extended');
  await page.getByRole('link', { name: 'Sign in again' }).click();
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  await page.waitForURL(`${demo.brokerUrl}/why?role=Admin`);
  expect(Number(await watch(page).getAttribute('data-seconds-left'))).toBeGreaterThan(9 * 3600);
});

test('a button pressed after the end signs in again by itself and comes back to what was chosen', async () => {
  const page = await chromium.open();
  // Without our scripts, as the page is before they are loaded.
  await page.context().route('**/assets/*.js', (route) => route.abort());
  await visit(page, demo.brokerUrl, '/', 'alice');
  skewMs = 61 * minute;
  const name = 'Get credentials for Developer in Payments Development';
  await page.getByRole('button', { name }).first().click();
  await page.waitForURL((url) => url.search.startsWith('?resume=credentials') || url.hostname === 'localhost');
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  expect(await page.textContent('main')).toContain('You were about to use Developer in Payments Development.');
});

test.each(['light', 'dark'] as const)(
  'the page on the way to signing in again is as good as the others: %s',
  async (colorScheme) => {
    const page = await chromium.open({ colorScheme, viewport: { width: 320, height: 640 } });
    await visit(page, demo.brokerUrl, '/', 'alice');
    skewMs = 61 * minute;
    // 204 leaves a browser where it is: else the page would be gone before anybody could look at it.
    await page.context().route('**/login?**', (route) => route.fulfill({ status: 204 }));
    const name = 'Open the console as Developer in Payments Development';
    await page.getByRole('button', { name }).first().click();
    await page.getByText('Your session has expired').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toContain('resume%3Dconsole');
  },
);

test('the back button shows nothing private after signing out', async () => {
  const page = await chromium.open();
  await visit(page, demo.brokerUrl, '/', 'alice');
  await page.goto(`${demo.brokerUrl}/why`);
  expect(await page.textContent('main')).toContain('CORP\\AWS-Platform');
  await signOut(page);
  await page.waitForURL('**/signed-out*');
  for (let steps = 0; steps < 4; steps++) {
    await page.goBack({ waitUntil: 'load' }).catch(() => null);
    const text = (await page.textContent('body')) ?? '';
    expect(text).not.toContain('CORP\\AWS-Platform');
    expect(text).not.toContain('Payments Development');
  }
});

test('a tab of the former person says that another person is signed in, and shows them when loaded again', async () => {
  const first = await chromium.open();
  await visit(first, demo.brokerUrl, '/why', 'alice');
  const second = await first.context().newPage();
  await second.goto(demo.brokerUrl);
  await signOut(second);
  await second.waitForURL('**/signed-out*');
  await watch(first).getByText('You are no longer signed in here as alice@corp.example').waitFor();
  await visit(second, demo.brokerUrl, '/', 'bob');
  await first.getByRole('link', { name: 'Reload' }).click();
  await first.getByText('bob@corp.example').first().waitFor({ state: 'attached' });
  expect(await first.textContent('body')).not.toContain('alice');
});

test('a tab closed in the middle of a step-up leaves the session as it was, and the next one works', async () => {
  const first = await chromium.open();
  await visit(first, demo.brokerUrl, '/', 'alice');
  const role = 'arn:aws:iam::111122223333:role/Admin';
  const back = `/?${new URLSearchParams({ resume: 'credentials', role })}`;
  const stepUp = `/login?${new URLSearchParams({ step_up: role, return_to: back })}`;
  const second = await first.context().newPage();
  await second.goto(demo.brokerUrl + stepUp);
  await second.fill('input[name=UserName]', 'alice');
  await second.fill('input[name=Password]', 'password');
  await second.keyboard.press('Enter');
  await second.waitForSelector('input[autocomplete="one-time-code"]');
  await second.close();
  await first.goto(`${demo.brokerUrl}/why`);
  expect(await first.textContent('h1')).toBe('Why do I (not) have access?');
  await first.goto(demo.brokerUrl + stepUp);
  await first.fill('input[name=UserName]', 'alice');
  await first.fill('input[name=Password]', 'password');
  await first.keyboard.press('Enter');
  await first.fill('input[autocomplete="one-time-code"]', '123456');
  await Promise.all([first.waitForURL((url) => url.origin === demo.brokerUrl), first.keyboard.press('Enter')]);
  expect(await first.textContent('main')).toContain('You were about to use Admin in Payments Production.');
});

test('a page of the same site that is allowed to shows the portal in a frame', async () => {
  const page = await chromium.open();
  await visit(page, demo.brokerUrl, '/', 'alice');
  await page.goto(`http://127.0.0.1:${intranet.port}/`);
  expect(await page.frameLocator('iframe').locator('h1').textContent()).toBe('Why do I (not) have access?');
});

test('a page of another site shows the way to sign in, and nothing private', async () => {
  const page = await chromium.open();
  await visit(page, demo.brokerUrl, '/', 'alice');
  await page.goto(`http://localhost:${intranet.port}/`);
  expect(await page.frameLocator('iframe').locator('h1').textContent()).toBe('Sign in to see this');
  expect(await accessibilityProblems(page.frames()[1]!)).toEqual([]);
});
