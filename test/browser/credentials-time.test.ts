// The countdown on the page of credentials, and how the page looks and reads in every width, colour and language.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { askFor, developer, signedInState, stagingDeveloper } from './support/credentials-page.ts';

let demo: TestDemo;
let state: Awaited<ReturnType<typeof signedInState>>;
let page: Page;

const chromium = useChromium({ locale: 'en-GB' });

beforeAll(async () => {
  demo = await startTestDemo();
  state = await signedInState(chromium.browser(), demo.brokerUrl, 'alice');
});

afterAll(async () => {
  await demo?.close();
});

/** @param time what the browser's own clock says: nothing on the page depends on its agreeing with the server's */
async function open(options: BrowserContextOptions = {}, time?: Date, roleArn = developer): Promise<void> {
  page = await chromium.open({ storageState: state, ...options });
  if (time) await page.clock.install({ time });
  await askFor(page, demo.brokerUrl, roleArn);
}

const noon = new Date('2026-03-02T12:00:00Z');
const notice = () => page.textContent('#notice');
const left = () => page.textContent('#left');

test('credentials count down, give notice five minutes before their end, and say when it has come', async () => {
  await open({}, noon, stagingDeveloper);
  expect(await left()).toMatch(/^(59 min \d+ s|1 h) left$/);
  expect(await notice()).toBe('');
  await page.clock.fastForward('54:00');
  expect(await left()).toMatch(/^5 min \d+ s left$/);
  expect(await notice()).toBe('');
  await page.clock.fastForward('01:00');
  expect(await left()).toMatch(/^4 min \d+ s left$/);
  expect(await notice()).toBe('These credentials expire in 5 min. Renew them to continue without a break.');
  await page.clock.fastForward('05:00');
  expect(await left()).toBe('expired');
  expect(await notice()).toBe('These credentials have expired. Renew them to continue.');
  await page.getByRole('button', { name: 'Renew' }).click();
  await expect.poll(left).toMatch(/^(59 min \d+ s|1 h) left$/);
  await page.clock.fastForward('55:10');
  expect(await notice()).toMatch(/^These credentials expire in 5 min\./);
});

test('the notice is announced politely and once, the countdown never', async () => {
  await open({}, noon, stagingDeveloper);
  expect(await page.getAttribute('#notice', 'role')).toBe('status');
  expect(await page.getAttribute('#left', 'role')).toBe('timer');
  await page.evaluate(() => {
    const changes: string[] = [];
    Object.assign(window, { changes });
    const notice = document.getElementById('notice')!;
    new MutationObserver(() => changes.push(notice.textContent ?? '')).observe(notice, { childList: true });
  });
  await page.clock.fastForward('55:10');
  await page.clock.runFor(20_000);
  expect(await page.evaluate('changes.length')).toBe(1);
});

test('for those who asked for less motion only the minutes change', async () => {
  await open({ reducedMotion: 'reduce' }, noon, stagingDeveloper);
  expect(await left()).toBe('1 h left');
  await page.clock.fastForward('10:30');
  expect(await left()).toBe('50 min left');
});

const evenings: [name: string, time: string, expected: string | undefined, seconds: string][] = [
  ['in the afternoon', '2026-03-02T05:00:00Z', 'until 18:00', '14400'],
  ['in the morning, further than the rule goes', '2026-03-01T22:00:00Z', 'until 18:00', '28800'],
  ['just before it', '2026-03-02T08:50:00Z', undefined, ''],
  ['after it', '2026-03-02T10:00:00Z', undefined, ''],
];
test.each(evenings)('“until 18:00” is that of the browser: %s', async (_, time, expected, seconds) => {
  await open({ timezoneId: 'Asia/Seoul' }, new Date(time));
  const option = page.locator('option[data-until]');
  expect(await option.count()).toBe(expected === undefined ? 0 : 1);
  if (expected === undefined) return;
  await page.getByLabel('Duration').selectOption({ label: expected });
  await page.getByRole('button', { name: 'Renew' }).click();
  await expect.poll(notice).toMatch(/^Renewed/);
  const calls = demo.aws.events.filter(({ eventName }) => eventName === 'AssumeRoleWithSAML');
  const asked = Number(calls.at(-1)?.requestParameters?.['durationSeconds']);
  expect(Number(seconds) - asked).toBeGreaterThanOrEqual(0);
  expect(Number(seconds) - asked).toBeLessThan(60);
  const clamped = await page.textContent('#clamped');
  if (seconds === '28800') expect(clamped).toMatch(/^Limited to 8 h by the rule\. You requested 10 h 59 min\.$/);
  else expect(clamped).toBe('');
});

const looks: [name: string, options: BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['in forced colours', { forcedColors: 'active' }],
  ['Korean', { locale: 'ko-KR' }],
  ['light at 320 px', { viewport: { width: 320, height: 640 } }],
  ['dark Korean at 320 px', { viewport: { width: 320, height: 640 }, colorScheme: 'dark', locale: 'ko-KR' }],
];
test.each(looks)('is accessible and fits, in every state: %s', async (_, options) => {
  await open(options, undefined, stagingDeveloper);
  expect(await overflow(page)).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  const edges = await page
    .locator('[role=tab]')
    .evaluateAll((tabs) => tabs.map((tab) => getComputedStyle(tab).borderBottomColor));
  expect(edges.slice(1)).not.toContain(edges[0]);
  await page.locator('#reveal').check();
  await page.locator('[role=tab]').nth(4).click();
  await page.locator('#profile').fill('not good');
  await page.locator('#renew select').last().selectOption('read-only');
  await page.locator('#renew button').click();
  await page.waitForFunction(() => document.getElementById('limited')?.textContent !== '');
  demo.aws.faults.set({ status: 503, scope: 'sts' });
  await page.locator('#renew button').click();
  await page.waitForFunction(() => document.getElementById('problem')?.textContent !== '');
  demo.aws.faults.clear();
  expect(await overflow(page)).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('is accessible and fits at 320 px when its scripts do not arrive', async () => {
  page = await chromium.open({ storageState: state, viewport: { width: 320, height: 640 } });
  await page.route('**/assets/*.js', (route) => route.abort());
  await askFor(page, demo.brokerUrl, developer);
  expect(await page.locator('[role=tab]').count()).toBe(0);
  expect(await overflow(page)).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
});
