// The pages that explain, in Chromium: by keyboard, narrow, light and dark, in both languages.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { visit } from './support/person.ts';

let demo: TestDemo;

const chromium = useChromium({ locale: 'en-GB' });

beforeAll(async () => {
  demo = await startTestDemo({ idpHost: 'localhost' });
});

afterAll(async () => {
  await demo?.close();
});

async function open(path: string, user: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await chromium.open(options);
  await visit(page, demo.brokerUrl, path, user);
  return page;
}

const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'narrow', options: { viewport: { width: 320, height: 640 } } },
  { name: 'forced colours', options: { forcedColors: 'active' } },
  { name: 'Korean', options: { locale: 'ko-KR', viewport: { width: 320, height: 640 } } },
] as const;
const adminSessions = '/admin/sessions?user=alice%40corp.example';
const alicesPages = [
  '/why',
  '/why?role=Nothing',
  '/admin/explain',
  '/admin/refusals',
  '/admin/sessions',
  adminSessions,
  '/nothing',
  '/signed-out',
];

test.each(looks)('every page that explains is accessible and fits: $name', async ({ options }) => {
  const page = await open('/why', 'alice', options);
  await page.request.post(`${demo.brokerUrl}/saml/acs`, { form: { SAMLResponse: 'nonsense' } });
  const data = { roleArn: 'arn:aws:iam::444455556666:role/Developer' };
  const issued = await page.request.post(`${demo.brokerUrl}/api/v1/credentials`, {
    data,
    headers: { origin: demo.brokerUrl },
  });
  expect(issued.status()).toBe(200);
  for (const path of alicesPages) {
    await page.goto(demo.brokerUrl + path);
    expect(await accessibilityProblems(page), path).toEqual([]);
    expect(await overflow(page), path).toBe(0);
  }
});

test.each(looks)('a person without a role gets an equally good page: $name', async ({ options }) => {
  const page = await open('/', 'mallory', options);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  await page.locator('main a[href="/why"]').click();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('a refused sign-in and a refused role get pages as good, and lead on by keyboard', async () => {
  const page = await open('/console?role=platform-prod/Nobody', 'bob', { viewport: { width: 320, height: 640 } });
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  await page.getByRole('link', { name: 'Access help' }).last().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/why');
  const form =
    '<form method="post" action="/saml/acs"><input name="SAMLResponse" value="x"><button>Send</button></form>';
  await page.route('**/nothing', (route) => route.fulfill({ contentType: 'text/html', body: form }));
  await page.goto(`${demo.brokerUrl}/nothing`);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The sign-in could not be completed').first().waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});

test('bob finds out by keyboard which group he is missing, and whom to ask', async () => {
  const page = await open('/why', 'bob');
  await page.getByLabel('Role').focus();
  await page.keyboard.type('developer');
  await page.keyboard.press('Tab');
  await page.keyboard.type('payments');
  await page.keyboard.press('Enter');
  await page.waitForURL(/role=developer&account=payments/);
  const rules = await page.locator('.cards > li').allTextContents();
  expect(rules[0]).toContain('You are not in the group “CORP\\AWS-Payments-Dev”.');
  expect(rules[0]).toContain('Ask payments-team@corp.example to add you to AWS-Payments-Dev.');
});

test('an administrator finds out the same for another person', async () => {
  const page = await open('/', 'alice');
  await page.getByRole('link', { name: 'Administration' }).click();
  await page.getByLabel('User name').fill('carol@corp.example');
  await page.getByLabel('Groups').fill('CORP\\aws-auditors\nCORP\\AWS-Payments-Dev');
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.locator('.cards').waitFor();
  const rules = await page.locator('.cards > li').allTextContents();
  expect(rules.find((rule) => rule.startsWith('payments engineers'))).toContain('Developer in Payments Development');
  expect(rules.find((rule) => rule.startsWith('auditors'))).toContain('You are in “CORP\\aws-auditors”');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'roles_explained', about: 'carol@corp.example', groups: 2 });
});

test('a refused sign-in is on the administrators’ page, with the request id that its page showed', async () => {
  const page = await open('/', 'alice');
  const answer = await page.request.post(`${demo.brokerUrl}/saml/acs`, { form: { SAMLResponse: 'nonsense' } });
  await page.getByRole('link', { name: 'Administration' }).click();
  await page.getByRole('link', { name: 'Sign-in failures' }).click();
  const text = await page.locator('.cards > li').first().textContent();
  expect(text).toContain(answer.headers()['x-request-id']);
  expect(text).toContain('correlation');
});
