// Renewal of credentials for a role that asks for a fresh sign-in, when that has become too old.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { useChromium } from '../support/chromium.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { answerIdentityProvider } from './support/person.ts';

const admin = 'arn:aws:iam::111122223333:role/Admin';

let clock: TestClock;
let demo: TestDemo;
let page: Page;

const chromium = useChromium();

beforeAll(async () => {
  clock = createTestClock(new Date(Date.now()));
  demo = await startTestDemo({ clock });
  page = await chromium.browser().newPage({ locale: 'en-GB' });
});

afterAll(async () => {
  await demo?.close();
});

async function signInWithCode(): Promise<void> {
  if (await page.locator('input[name=UserName]').isVisible()) {
    await page.fill('input[name=UserName]', 'alice');
    await page.fill('input[name=Password]', 'password');
    await page.keyboard.press('Enter');
  }
  await page.fill('input[autocomplete="one-time-code"]', '123456');
  await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
}

test('says so in place, with a link that signs in afresh and comes back to the role', async () => {
  await page.goto(demo.brokerUrl);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  const back = new URLSearchParams({ resume: 'credentials', role: admin });
  await page.goto(`${demo.brokerUrl}/login?${new URLSearchParams({ step_up: admin, return_to: `/?${back}` })}`);
  await signInWithCode();
  await page.getByRole('button', { name: 'Get credentials: Admin, Payments Production' }).click();
  await page.waitForSelector('.credentials[data-production]');
  await page.getByRole('button', { name: 'Renew' }).click();
  await expect.poll(() => page.textContent('#notice')).toMatch(/^Renewed/);

  clock.advance(16 * 60_000);
  await page.getByRole('button', { name: 'Renew' }).click();
  const problem = page.getByRole('alert');
  await problem.getByText('This role requires MFA or a recent sign-in').waitFor();
  await problem.getByRole('link', { name: 'Sign in again' }).click();
  await signInWithCode();
  await page.getByRole('button', { name: 'Get credentials: Admin, Payments Production' }).click();
  await page.waitForSelector('.credentials[data-production]');
});
