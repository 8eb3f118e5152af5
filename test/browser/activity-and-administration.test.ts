// The pages about activity, keys and configuration in Chromium: light, dark, narrow, Korean, in forced colours, without a
// script, and by keyboard. One sign-in serves all.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { visit } from './support/person.ts';

let demo: TestDemo;
let storageState: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;

const chromium = useChromium({ locale: 'en-GB' });
const paths = [
  '/activity',
  '/admin/activity?days=30&user=alice@corp.example',
  '/admin/keys',
  '/admin/configuration',
  '/development/components',
];

beforeAll(async () => {
  demo = await startTestDemo({ idpHost: 'localhost' });
});
afterAll(() => demo?.close());

/** Signed in as alice, who has credentials and a refusal to look at. */
async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  if (storageState === undefined) {
    const first = await chromium.open();
    await visit(first, demo.brokerUrl, '/', 'alice');
    for (const role of ['444455556666:role/Developer', '444455556666:role/Nothing']) {
      const data = { roleArn: `arn:aws:iam::${role}` };
      await first.request.post(`${demo.brokerUrl}/api/v1/credentials`, { data, headers: { origin: demo.brokerUrl } });
    }
    storageState = await first.context().storageState();
  }
  const page = await chromium.open({ storageState, ...options });
  await page.goto(demo.brokerUrl + path);
  return page;
}

const narrow = { viewport: { width: 320, height: 640 } };
test.each([
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'narrow and in Korean', options: { ...narrow, locale: 'ko-KR' } },
  { name: 'narrow and in forced colours', options: { ...narrow, forcedColors: 'active' } },
  { name: 'without a script', options: { ...narrow, javaScriptEnabled: false } },
] as const)('each page is accessible and fits: $name', async ({ name, options }) => {
  const page = await open('/activity', options);
  for (const path of paths) {
    await page.goto(demo.brokerUrl + path);
    expect(await page.locator('main h1').count(), path).toBe(1);
    if (name !== 'without a script') expect(await accessibilityProblems(page), path).toEqual([]);
    expect(await overflow(page), path).toBe(0);
  }
});

test('the activity page is reached by keyboard and leads on to what explains a refusal', async () => {
  const page = await open('/');
  await page.getByRole('link', { name: 'Activity', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/activity');
  const rows = page.getByRole('table').getByRole('row');
  expect(await rows.nth(1).textContent()).toContain('You don’t have access to this role');
  expect(await rows.nth(2).textContent()).toContain('Developer in Payments Development');
  await rows.nth(1).getByRole('link').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/why?role=Nothing');
});

test('an administrator reads the numbers of the charts in a table', async () => {
  const page = await open('/admin/activity');
  const chart = page.getByRole('img', { name: /^Credentials: 1 in total/ });
  expect(await chart.locator('rect').count()).toBe(7);
  await page.getByText('The numbers as a table').focus();
  await page.keyboard.press('Enter');
  const table = page.getByRole('table', { name: 'Activity by day' });
  expect(await table.getByRole('row').nth(1).getByRole('cell').allTextContents()).toHaveLength(5);
  expect(await page.getByRole('table', { name: 'Roles by number of uses' }).textContent()).toContain('Developer in');
});
