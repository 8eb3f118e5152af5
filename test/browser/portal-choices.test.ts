// What a person chooses in Chromium: where to sign in, how long and how much before credentials are issued; and what of it
// comes back after a sign-in in between.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { developer, stagingDeveloper } from './support/credentials-page.ts';
import { answerIdentityProvider } from './support/person.ts';

const admin = 'arn:aws:iam::111122223333:role/Admin';
const minute = 60_000;

let skewMs = 0;
let demo: TestDemo;
let page: Page;

const chromium = useChromium({ locale: 'en-GB' });

beforeAll(async () => {
  demo = await startTestDemo({
    idpHost: 'localhost',
    clock: { now: () => new Date(Date.now() + skewMs) },
    // A second identity provider, which does not answer: the chooser is shown.
    adjust: (config) => {
      const [first] = config['identityProviders'] as object[];
      const partners = { id: 'partners', label: 'Partners', metadata: { url: 'http://127.0.0.1:9/metadata' } };
      return { ...config, identityProviders: [first, { ...first, ...partners }] };
    },
  });
});

afterAll(async () => {
  await demo?.close();
});

afterEach(async () => {
  skewMs = 0;
});

async function open(options: BrowserContextOptions = {}): Promise<void> {
  page = await chromium.open(options);
  await page.goto(`${demo.brokerUrl}/login?idp=adfs`);
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
}

/** The sign-in needs a script, the portal does not. */
async function openWithoutScript(): Promise<void> {
  await open();
  const storageState = await page.context().storageState();
  page = await chromium.open({ storageState, javaScriptEnabled: false });
  await page.goto(demo.brokerUrl);
}

const button = (name: string) => page.getByRole('button', { name });
const stsCalls = () =>
  demo.aws.events
    .filter(({ eventName }) => eventName === 'AssumeRoleWithSAML')
    .map(({ requestParameters: wish }) => [
      wish?.['roleArn'],
      wish?.['durationSeconds'],
      wish?.['policy'] !== undefined,
    ]);

describe('the choice where to sign in', () => {
  test.each(['light', 'dark'] as const)('is accessible and fits, also when one was used before: %s', async (look) => {
    await open({ colorScheme: look, viewport: { width: 320, height: 640 } });
    for (const gone of [{ name: 'rolegate' }, {}]) {
      await page.context().clearCookies(gone);
      await page.goto(`${demo.brokerUrl}/login`);
      expect(await page.textContent('h1')).toBe('Where do you sign in?');
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    }
  });
});

describe('before credentials are issued', () => {
  test('duration and access are chosen on a separate page, and take effect', async () => {
    await open();
    await page.getByRole('link', { name: 'More for Developer in Payments Development' }).first().click();
    await page.locator('.menu').getByRole('link', { name: 'Options' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Duration').selectOption({ label: '15 min' });
    await page.getByLabel('Access').selectOption({ label: 'Read-only' });
    await button('Get credentials').click();
    await page.waitForSelector('#lines-bash');
    expect(stsCalls().at(-1)).toEqual([developer, '900', true]);
    expect(await page.textContent('#limited')).toBe('This session is limited: Read-only.');
    expect(await page.getByLabel('Duration').inputValue()).toBe('900');
  });

  test('without a script as well, for one role and for several', async () => {
    await openWithoutScript();
    await page.getByRole('link', { name: 'More for Developer in Payments Development' }).first().click();
    await page.getByLabel('Duration').selectOption({ label: '1 h' });
    await button('Get credentials').click();
    expect(await page.textContent('#length')).toBe('1 h, as requested');
    await page.goto(demo.brokerUrl);
    for (const where of ['Payments Development', 'Payments Staging']) {
      await page.getByLabel(`Select Developer in ${where}`).check();
    }
    await page.locator('#several summary').click();
    await page.locator('#several').getByLabel('Duration').selectOption({ label: '15 min' });
    await page.locator('#several').getByLabel('Access').selectOption({ label: 'Read-only' });
    await button('Credentials for the selected roles').click();
    expect(await page.textContent('#limited')).toBe('This session is limited: Read-only.');
    expect(stsCalls().slice(-2).sort()).toEqual([
      [stagingDeveloper, '900', true],
      [developer, '900', true],
    ]);
  });
});

test('several roles come as profiles and as JSON, masked, copied, counted down, and are renewed together', async () => {
  await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  for (const where of ['Payments Development', 'Payments Staging']) {
    await page.getByLabel(`Select Developer in ${where}`).check();
  }
  await button('Credentials for the selected roles').click();
  await page.waitForSelector('[role=tab]');
  expect(await page.locator('#lines-several .secret > span').first().isVisible()).toBe(false);
  expect(await page.textContent('#left')).toMatch(/^(59 min \d+ s|1 h) left$/);
  await page.getByRole('tab', { name: 'JSON document' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
  await page.waitForFunction(() => document.getElementById('notice')?.textContent === 'Copied for JSON document.');
  const copied = JSON.parse((await page.evaluate('navigator.clipboard.readText()')) as string);
  expect(Object.keys(copied)).toEqual(['payments-dev-Developer', 'payments-staging-Developer']);
  expect(copied['payments-dev-Developer']).toMatchObject({ Version: 1, AccessKeyId: expect.stringMatching(/^ASIA/) });
  await page.getByLabel('Duration').selectOption({ label: '15 min' });
  await button('Renew').click();
  await page.waitForFunction(() => document.getElementById('left')?.textContent?.startsWith('14 min'));
  expect(await page.textContent('#lines-several-json')).not.toContain(copied['payments-dev-Developer'].AccessKeyId);
});

describe('what was chosen goes on after a sign-in', () => {
  test('several roles with their duration and access, with one press', async () => {
    await open({ colorScheme: 'dark', viewport: { width: 320, height: 640 } });
    for (const where of ['Payments Development', 'Payments Staging']) {
      await page.getByLabel(`Select Developer in ${where}`).check();
    }
    await page.locator('#several summary').click();
    await page.locator('#several').getByLabel('Duration').selectOption({ label: '15 min' });
    await page.locator('#several').getByLabel('Access').selectOption({ label: 'Read-only' });
    skewMs = 61 * minute;
    await button('Credentials for the selected roles').click();
    await page.waitForURL(/\/login\?|localhost/);
    await page.goto(page.url().includes('/login?') ? `${page.url()}&idp=adfs` : page.url());
    await answerIdentityProvider(page, demo.brokerUrl, 'alice');
    expect(await page.textContent('main')).toMatch(/Duration: 15 min · Access: Read-only/);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Get credentials', exact: true }).click();
    await page.waitForSelector('#lines-several');
    expect(stsCalls().slice(-2).sort()).toEqual([
      [stagingDeveloper, '900', true],
      [developer, '900', true],
    ]);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });

  test('a renewal in place that finds the session gone', async () => {
    await open();
    await page.goto(`${demo.brokerUrl}/credentials?role=payments-dev/Developer`);
    await button('Get credentials').click();
    await page.waitForSelector('#lines-bash');
    await page.getByLabel('Duration').selectOption({ label: '15 min' });
    await page.getByLabel('Access').selectOption({ label: 'Read-only' });
    await page.context().clearCookies({ name: 'rolegate' });
    await button('Renew').click();
    const href = await page.getByRole('alert').getByRole('link', { name: 'Sign in again' }).getAttribute('href');
    await page.goto(`${demo.brokerUrl}${href}&idp=adfs`);
    await answerIdentityProvider(page, demo.brokerUrl, 'alice');
    await button('Get credentials: Developer, Payments Development').click();
    await page.waitForSelector('#lines-bash');
    expect(stsCalls().at(-1)).toEqual([developer, '900', true]);
  });

  test('a role that asks for a stronger sign-in', async () => {
    await open();
    await page.goto(`${demo.brokerUrl}/credentials?role=payments-prod/Admin`);
    await page.getByLabel('Duration').selectOption({ label: '15 min' });
    await page.getByLabel('Access').selectOption({ label: 'Read-only' });
    await button('Get credentials').click();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.fill('input[name=UserName]', 'alice');
    await page.fill('input[name=Password]', 'password');
    await page.keyboard.press('Enter');
    await page.fill('input[autocomplete="one-time-code"]', '123456');
    await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
    await button('Get credentials: Admin, Payments Production').click();
    await page.waitForSelector('#lines-bash');
    expect(stsCalls().at(-1)).toEqual([admin, '900', true]);
  });
});
