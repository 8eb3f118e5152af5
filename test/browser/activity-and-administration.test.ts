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

const navigation = (page: Page) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents();

test('every page has the same five links, the user menu, and a title; administration is apart', async () => {
  const links = ['Accounts', 'Create a link', 'Command line', 'Activity', 'Access help'];
  const titles = {
    '/': 'Your accounts',
    '/links': 'Create a console link',
    '/links/list': 'Your console links',
    '/cli': 'AWS on your command line',
    '/activity': 'Activity',
    '/why': 'Why do I (not) have access?',
    '/command-line': 'CLI sessions',
    '/credentials?role=payments-dev/Developer': 'Credentials for Developer in Payments Development',
    '/console?role=payments-dev/Developer': 'Open the AWS console?',
    '/admin/explain': 'Which roles would a user have?',
    '/admin/refusals': 'Recently refused sign-ins and credential requests',
    '/admin/sessions': 'Sessions',
    '/admin/activity': 'Activity of all users',
    '/admin/keys': 'Keys and metadata',
    '/admin/configuration': 'Configuration',
    '/nothing': 'Page not found',
  };
  const page = await open('/');
  for (const [path, title] of Object.entries(titles)) {
    await page.goto(demo.brokerUrl + path);
    expect([path, await page.title()]).toEqual([path, `${title} – Sample Company AWS`]);
    expect([path, await navigation(page)]).toEqual([path, [...links, 'Administration']]);
  }
  expect(await page.locator('.top .apart').allTextContents()).toEqual(['Administration']);
  const menu = page.locator('details.person');
  expect(await menu.locator('summary').innerText()).toBe('Alice Sample');
  await menu.locator('summary').click();
  await menu.getByText('alice@corp.example').waitFor();
  await menu.getByText('You are signed in until').waitFor();
  await menu.getByRole('link', { name: 'CLI sessions' }).waitFor();
  for (const name of ['Language', 'Appearance']) await menu.getByRole('combobox', { name }).waitFor();
  await menu.getByRole('button', { name: 'Sign out' }).waitFor();

  const bobs = await chromium.open();
  await visit(bobs, demo.brokerUrl, '/', 'bob');
  expect(await navigation(bobs)).toEqual(links);
});
