// Single logout as people live it: in Chromium, with the identity provider on another site; and across sessions, on both
// stores.
import { Redis } from 'ioredis';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { isSignedIn, requestLogout, signInWith } from '../app/support/logout.ts';
import { signIn } from '../app/support/sign-in.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startRedis } from '../support/redis.ts';
import { answerIdentityProvider, signOut } from './support/person.ts';

/** The trust as the demo has it, with another binding for logout. */
function setSloBinding(demo: TestDemo, sloBinding: 'Redirect' | 'POST'): void {
  const { entityId, signing } = demo.config.serviceProvider;
  demo.adfs.setRelyingParties([
    {
      ...{ entityId, acsUrl: demo.config.acsUrl, sloUrl: `${demo.brokerUrl}/saml/slo`, sloBinding },
      ...{ requireSignedRequests: true, signingCertificates: [signing!.certificate] },
    },
  ]);
}

const logoutForm = (form: { action: string }) => form.action.endsWith('/logout');
const logoutRecords = (demo: TestDemo) =>
  demo.audit.map((record) => record['event']).filter((event) => /^(sign_out|logout_)/.test(String(event)));

describe('in Chromium', () => {
  let demo: TestDemo;
  let page: Page;
  const chromium = useChromium();

  beforeAll(async () => {
    demo = await startTestDemo({ idpHost: 'localhost' });
  });
  afterAll(async () => {
    await demo?.close();
  });
  beforeEach(async () => {
    page = await chromium.open();
  });

  async function arrive(): Promise<void> {
    await page.goto(demo.brokerUrl);
    expect(new URL(page.url()).hostname).toBe('localhost');
    await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  }

  async function isOver(): Promise<void> {
    expect((await page.request.get(`${demo.brokerUrl}/api/v1/me`)).status()).toBe(401);
    // The identity provider asks for the password again.
    await page.goto(`${demo.brokerUrl}/login`);
    expect(await page.locator('input[name=Password]').count()).toBe(1);
  }

  for (const binding of ['Redirect', 'POST'] as const) {
    test(`the portal's button signs out here and at the identity provider, which answers by ${binding}`, async () => {
      setSloBinding(demo, binding);
      await arrive();
      await Promise.all([page.waitForURL(`${demo.brokerUrl}/signed-out`), signOut(page)]);
      expect(await page.textContent('h1')).toBe('You are signed out');
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(logoutRecords(demo).slice(-2)).toEqual(['sign_out', 'logout_answered']);
      await isOver();
    });

    test(`signing out at the identity provider ends the session here, asked by ${binding}`, async () => {
      setSloBinding(demo, binding);
      await arrive();
      await page.goto(`${demo.adfs.ssoUrl}?wa=wsignout1.0`);
      await page.getByRole('heading', { name: 'Signed out' }).waitFor();
      expect(new URL(page.url()).hostname).toBe('localhost');
      expect(await page.textContent('body')).not.toContain('Not every site confirmed');
      expect(logoutRecords(demo).at(-1)).toBe('logout_requested');
      await isOver();
    });
  }

  test('a browser that does not go on by itself has a link, and the session here has ended already', async () => {
    await arrive();
    await page.route(`${demo.brokerUrl}/logout`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '') });
    });
    await signOut(page);
    await page.getByRole('heading', { name: 'You are signed out here' }).waitFor();
    expect((await page.request.get(`${demo.brokerUrl}/api/v1/me`)).status()).toBe(401);
    expect(await accessibilityProblems(page)).toEqual([]);
    await Promise.all([
      page.waitForURL(`${demo.brokerUrl}/signed-out`),
      page.getByRole('link', { name: 'Continue' }).click(),
    ]);
  });
});

const stores = [
  { name: 'memory', redisUrl: () => undefined },
  { name: 'Redis', redisUrl: () => inject('redisUrl') },
];

describe.each(stores)('across sessions ($name)', ({ redisUrl }) => {
  let demo: TestDemo;
  const browsers: HttpBrowser[] = [];
  beforeAll(async () => {
    demo = await startTestDemo({ redisUrl: redisUrl() });
  });
  afterEach(() => {
    for (const browser of browsers.splice(0)) browser.close();
  });
  afterAll(() => demo?.close());

  async function open(...people: readonly [user: string, sessionIndex: string][]): Promise<HttpBrowser[]> {
    for (const [user, index] of people) browsers.push(await signInWith(demo, user, index));
    return [...browsers];
  }
  const living = (all: readonly HttpBrowser[]) => Promise.all(all.map((browser) => isSignedIn(browser, demo)));

  test('a LogoutRequest ends every session of its SessionIndex, then every session of the person', async () => {
    const all = await open(['alice', '_one'], ['alice', '_one'], ['alice', '_two'], ['bob', '_one']);
    expect(await living(all)).toEqual([true, true, true, true]);
    const answered = await requestLogout(demo, 'alice', '_one');
    expect(answered.url).toContain(`${demo.adfs.ssoUrl}?SAMLResponse=`);
    expect(await living(all)).toEqual([false, false, true, true]);
    await requestLogout(demo, 'alice', undefined);
    expect(await living(all)).toEqual([false, false, false, true]);
  });

  test('signing out in one browser ends its sibling sessions, and no other', async () => {
    const all = await open(['alice', '_three'], ['alice', '_three'], ['alice', '_four'], ['bob', '_three']);
    const portal = await all[0]!.get(`${demo.brokerUrl}/`);
    await all[0]!.submit(portal, logoutForm);
    expect(await living(all)).toEqual([false, false, true, true]);
  });

  test('without scripts the way leads over links and back', async () => {
    const browser = createHttpBrowser();
    browsers.push(browser);
    const portal = await signIn(browser, demo.brokerUrl, 'alice');
    const page = await browser.submit(portal, logoutForm);
    expect(page.url).toContain('/logout/continue?state=');
    expect(await isSignedIn(browser, demo)).toBe(false);
    const link = /<a class="button" href="([^"]+)"/.exec(page.body)![1]!.replaceAll('&amp;', '&');
    expect((await browser.follow(page, link)).url).toBe(`${demo.brokerUrl}/signed-out`);
    expect((await browser.get(`${demo.brokerUrl}/login`)).body).toContain('name="Password"');
  });

  test('signing out after a step-up names the current session', async () => {
    const browser = createHttpBrowser();
    browsers.push(browser);
    await signIn(browser, demo.brokerUrl, 'alice');
    const portal = await signIn(browser, demo.brokerUrl, 'alice', '/login');
    const page = await browser.submit(portal, logoutForm);
    const link = /<a class="button" href="([^"]+)"/.exec(page.body)![1]!.replaceAll('&amp;', '&');
    expect((await browser.follow(page, link)).url).toBe(`${demo.brokerUrl}/signed-out`);
  });
});

test('Redis holds no name and no SessionIndex, and everything there has an end', async () => {
  const keyPrefix = 'single-logout-dump:';
  const url = inject('redisUrl');
  const demo = await startTestDemo({ adjust: (config) => ({ ...config, store: { type: 'redis', url, keyPrefix } }) });
  const redis = new Redis(url);
  const browser = await signInWith(demo, 'alice', '_an-index-to-look-for');
  await requestLogout(demo, 'bob', '_another-index');
  const keys = await redis.keys(`${keyPrefix}*`);
  const types = await Promise.all(keys.map((key) => redis.type(key)));
  const indexes = keys.filter((_, i) => types[i] === 'zset');
  expect(indexes.filter((key) => /open-sessions|past-logouts/.test(key))).toHaveLength(2);
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  const members = await Promise.all(indexes.map((key) => redis.zrange(key, '0', '-1')));
  const values = await Promise.all(keys.filter((_, i) => types[i] === 'string').map((key) => redis.getBuffer(key)));
  const texts = values.map((value) => value?.toString('latin1'));
  expect([...keys, ...members.flat(), ...texts].join('\n')).not.toMatch(/alice|bob|index-to-look-for|another-index/);
  browser.close();
  redis.disconnect();
  await demo.close();
});

test('a session that could not be found again is not opened: 503, and no session', async () => {
  const server = await startRedis();
  const admin = new Redis(server.url);
  await admin.call('ACL', 'SETUSER', 'limited', 'on', '>password', '~*', '&*', '+@all');
  const url = `redis://limited:password@127.0.0.1:${server.port}`;
  const demo = await startTestDemo({ adjust: (config) => ({ ...config, store: { type: 'redis', url } }) });
  // The start refuses a user without this right.
  await admin.call('ACL', 'SETUSER', 'limited', '-eval');
  const browser = createHttpBrowser();
  expect((await signIn(browser, demo.brokerUrl, 'alice')).status).toBe(503);
  expect(await isSignedIn(browser, demo)).toBe(false);
  expect(await admin.keys('*session:*')).toEqual([]);
  await admin.call('ACL', 'SETUSER', 'limited', '+eval');
  expect((await signIn(browser, demo.brokerUrl, 'alice')).status).toBe(200);
  expect(await isSignedIn(browser, demo)).toBe(true);
  browser.close();
  admin.disconnect();
  await demo.close();
  await server.stop();
});
