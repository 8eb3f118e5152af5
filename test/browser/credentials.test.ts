// The page of credentials in Chromium: tabs, dots, copying, and new credentials in place.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

afterEach(async () => {
  demo.aws.faults.clear();
});

async function open(options: BrowserContextOptions = {}, roleArn = developer): Promise<BrowserContext> {
  page = await chromium.open({ storageState: state, ...options });
  await askFor(page, demo.brokerUrl, roleArn);
  return page.context();
}

const tab = (name: string) => page.getByRole('tab', { name });
const selectedTab = () => page.getByRole('tab', { selected: true }).textContent();
const slot = (name: string) => page.locator(`#lines-bash [data-slot=${name}]`);
const renew = () => page.getByRole('button', { name: 'Renew' });
const notice = () => page.locator('#notice');

function lastStsCall(): Readonly<Record<string, unknown>> {
  return demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithSAML')?.requestParameters ?? {};
}

async function bash(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: { PATH: process.env['PATH'] } });
  return stdout;
}

test('tabs are one stop of the keyboard, move with arrows, and the last one is remembered', async () => {
  await open();
  expect(await selectedTab()).toBe('bash and zsh');
  expect(await page.getByRole('tabpanel').count()).toBe(1);
  await tab('bash and zsh').focus();
  const keys: [key: string, name: string][] = [
    ['ArrowRight', 'fish'],
    ['End', 'JSON document'],
    ['ArrowRight', 'bash and zsh'],
    ['ArrowLeft', 'JSON document'],
    ['Home', 'bash and zsh'],
    ['ArrowRight', 'fish'],
    ['ArrowRight', 'PowerShell'],
  ];
  for (const [key, name] of keys) {
    await page.keyboard.press(key);
    expect(await selectedTab()).toBe(name);
    expect(await page.evaluate('document.activeElement.textContent')).toBe(name);
  }
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.id')).toBe('lines-powershell');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.dataset.lines')).toBe('lines-powershell');
  await askFor(page, demo.brokerUrl, developer);
  expect(await selectedTab()).toBe('PowerShell');
});

test('secrets are dots until asked for, and copying takes the real ones and says so', async () => {
  const context = await open();
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.brokerUrl });
  expect(await slot('accessKeyId').isVisible()).toBe(true);
  expect(await slot('secretAccessKey').isVisible()).toBe(false);
  expect(await slot('sessionToken').isVisible()).toBe(false);
  const before = await page
    .locator('.secret')
    .first()
    .evaluate((one) => getComputedStyle(one, '::before').content);
  expect(before).toContain('••••');
  await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await notice().textContent()).toBe('Copied for bash and zsh.');
  expect(await notice().getAttribute('role')).toBe('status');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const secret = await slot('secretAccessKey').textContent();
  const evaluated = await bash(`${copied}\nprintf '%s %s' "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN"`);
  expect(evaluated).toBe(`${secret} ${await slot('sessionToken').textContent()}`);
  await page.getByLabel('Show the secret values').check();
  expect(await slot('secretAccessKey').isVisible()).toBe(true);
});

test('where copying is not allowed, the lines are shown and selected for the keyboard', async () => {
  await open();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
  await expect.poll(() => notice().textContent()).toMatch(/press Ctrl\+C/);
  const selection = await page.evaluate(() => String(getSelection()));
  expect(selection).toContain(await slot('sessionToken').textContent());
});

test('a profile has the name of one’s choice, and keeps the last good one', async () => {
  await open();
  await tab('~/.aws/credentials').click();
  const field = page.getByRole('tabpanel').getByLabel('Profile name');
  const firstLine = async () => (await page.textContent('#lines-profile'))?.split('\n')[0];
  expect(await firstLine()).toBe('[payments-dev-Developer]');
  await field.fill('work');
  expect(await firstLine()).toBe('[work]');
  await field.fill('wo]rk\\');
  expect(await firstLine()).toBe('[work]');
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill('work.2');
  expect([await firstLine(), await field.getAttribute('aria-invalid')]).toEqual(['[work.2]', 'false']);
  await tab('~/.aws/config').click();
  expect(await field.inputValue()).toBe('work.2');
  await field.fill('work.3');
  expect((await page.textContent('#lines-config'))?.split('\n')[0]).toBe('[profile work.3]');
  expect(await firstLine()).toBe('[work.3]');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow(page)).toBe(0);
});

test('renewal takes place on the page: other values, a read-only session that reaches STS', async () => {
  await open();
  const old = await slot('secretAccessKey').textContent();
  await page.getByLabel('Duration').selectOption({ label: '15 min' });
  await page.getByLabel('Access').selectOption({ label: 'Read-only' });
  await renew().click();
  await expect.poll(() => notice().textContent()).toMatch(/^Renewed, valid until \d/);
  const secret = await slot('secretAccessKey').textContent();
  expect(secret).not.toBe(old);
  for (const shell of ['fish', 'powershell', 'cmd', 'profile', 'env', 'json']) {
    const lines = await page.textContent(`#lines-${shell}`);
    expect(lines).toContain(secret);
    expect(lines).not.toContain(old);
  }
  expect(JSON.parse(String(lastStsCall()['policy'])).Statement[0].Action).toContain('*:Get*');
  expect(lastStsCall()['durationSeconds']).toBe('900');
  expect(demo.audit.at(-1)).toMatchObject({ event: 'credentials_issued', sessionPolicy: 'read-only' });
  expect(await page.textContent('#length')).toBe('15 min, as requested');
  expect(await page.textContent('#limited')).toBe('This session is limited: Read-only.');
  expect(await page.textContent('#left')).toMatch(/^14 min \d+ s left$|^15 min left$/);
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Renew');
  await page.getByLabel('Access').selectOption({ index: 0 });
  await renew().click();
  await expect.poll(() => page.textContent('#limited')).toBe('');
  expect(lastStsCall()['policy']).toBeUndefined();
});

test('says in place that the role allows less than was asked', async () => {
  await open({}, stagingDeveloper);
  const words = 'Limited to 1 h by the role’s maximum session duration. You requested 8 h.';
  expect(await page.textContent('#clamped')).toBe(words);
  await page.getByLabel('Duration').selectOption({ label: '1 h' });
  await renew().click();
  await expect.poll(() => page.textContent('#clamped')).toBe('');
  await page.getByLabel('Duration').selectOption('');
  await renew().click();
  await expect.poll(() => page.textContent('#clamped')).toBe(words);
});

test('what AWS refuses is said in place, in the language of the page, and the next attempt clears it', async () => {
  await open({ locale: 'ko-KR' });
  const old = await slot('secretAccessKey').textContent();
  demo.aws.faults.set({ status: 503, scope: 'sts' });
  await page.getByRole('button', { name: '갱신' }).click();
  await page.getByRole('alert').getByText('AWS가 응답하지 않습니다').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('요청 ID');
  expect(await slot('secretAccessKey').textContent()).toBe(old);
  demo.aws.faults.clear();
  await page.getByRole('button', { name: '갱신' }).click();
  await expect.poll(() => page.textContent('#problem')).toBe('');
  await expect.poll(() => slot('secretAccessKey').textContent()).not.toBe(old);
});

test('a portal that cannot be reached is said in place', async () => {
  await open();
  await page.route('**/api/v1/credentials', (route) => route.abort());
  await renew().click();
  await page.getByRole('alert').getByText('The portal cannot be reached.').waitFor();
  expect(await renew().getAttribute('aria-disabled')).toBeNull();
});

test('a session that ends while the page is open leads to a sign-in that comes back to the role', async () => {
  // The next sign-in ends this one: it must not be the one that the other tests share.
  const storageState = await signedInState(chromium.browser(), demo.brokerUrl, 'alice');
  const context = await open({ storageState });
  await context.clearCookies({ name: 'rolegate' });
  await renew().click();
  const again = page.getByRole('alert').getByRole('link', { name: 'Sign in again' });
  await again.click();
  await page.waitForURL((url) => url.searchParams.get('resume') === 'credentials');
  await page.getByRole('button', { name: 'Get credentials: Developer, Payments Development' }).click();
  await page.waitForSelector('#lines-bash');
});

test('a page that is left keeps no secret for the back button', async () => {
  await open();
  const secret = await slot('secretAccessKey').textContent();
  expect(await page.content()).toContain(secret);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  expect(await page.content()).not.toContain(secret);
});

test('without scripts there are the same lines, dots and a form', async () => {
  await open({ javaScriptEnabled: false });
  expect(await page.getByRole('tab').count()).toBe(0);
  expect(await slot('accessKeyId').isVisible()).toBe(true);
  expect(await slot('secretAccessKey').isVisible()).toBe(false);
  await page.getByLabel('Show the secret values').check();
  expect(await slot('secretAccessKey').isVisible()).toBe(true);
  await page.getByText('PowerShell').click();
  expect(await page.locator('#lines-powershell').isVisible()).toBe(true);
  expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0);
  await page.getByLabel('Access').selectOption('read-only');
  await renew().click();
  await page.getByText('This session is limited: Read-only.').waitFor();
});
