// One source address against the rest: an office of 2,000 signs in at once, and a flood is refused before it costs or writes.
import { expect, test } from 'vitest';
import { costOf, pointsPerRequest } from '../../../src/http/middleware/request-cost.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createRateLimiter } from '../../../src/store/rate-limiter.ts';
import { useApp } from '../../http/support/app.ts';
import { createTestClock } from '../../support/clock.ts';

const createApp = useApp();
const defaults = { signIn: { perMinute: 3000, burst: 6000 } };
const answerBytes = 40 * 1024;

test('by the default limits 2,000 browsers behind one address sign in within the same minute', async () => {
  const { limits } = (await createApp((raw) => ({ ...raw, limits: {} }))).config;
  expect(limits.signIn).toEqual(defaults.signIn);
  const clock = createTestClock();
  const { perMinute, burst } = limits.signIn;
  const inPoints = { perMinute: perMinute * pointsPerRequest, burst: burst * pointsPerRequest };
  const limiter = createRateLimiter('request', inPoints, { keyValue: createMemoryStore(clock), clock });
  const cost = (path: string, bytes = 0) => costOf({ path, headers: { 'content-length': String(bytes) } } as never);
  const answer = cost('/saml/acs', answerBytes);
  for (let browser = 0; browser < 2000; browser++) {
    for (const points of [cost('/'), cost('/login'), ...Array(5).fill(cost('/assets/rolegate.css')), answer]) {
      expect(await limiter.take('192.0.2.1', points)).toBeUndefined();
    }
    // A hundred are under way at any moment.
    if (browser >= 100) await limiter.giveBack('192.0.2.1', answer);
    clock.advance(30);
  }
});

test('over HTTP as well, in proportion: 50 browsers by a fortieth of the limit', async () => {
  const app = await createApp((raw) => ({ ...raw, limits: { signIn: { perMinute: 75, burst: 150 } } }));
  for (let count = 0; count < 50; count++) {
    const browser = app.browser();
    expect((await browser.get('/')).status).toBe(303);
    expect((await browser.signIn('alice')).status).toBe(303);
    expect((await browser.get('/')).status).toBe(200);
  }
});

test.each([
  ['/saml/slo', { SAMLRequest: 'x' }, 'logout_refused'],
  ['/saml/acs', { SAMLResponse: 'x' }, 'sign_in_refused'],
])('a flood of %s is refused, and leaves two records and a count', async (path, form, event) => {
  const app = await createApp((raw) => ({ ...raw, limits: { signIn: { perMinute: 100, burst: 100 } } }));
  const browser = app.browser();
  const statuses: number[] = [];
  for (let count = 0; count < 100; count++) statuses.push((await browser.postForm(path, { ...form })).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([403, 429]);
  expect(app.audit.lines().length).toBeLessThanOrEqual(2);
  expect(app.audit.lines()[0]).toMatchObject({ event });
  // Nor is there a line for each in the log.
  expect(app.log.lines().filter(({ msg }) => msg === 'request').length).toBeLessThan(60);
  expect(app.log.text()).not.toContain('rate_limited');
  await app.broker.close();
  const counted = app.audit.lines().filter((line) => line['event'] === 'refusals_counted');
  const records = app.audit.lines().filter((line) => String(line['event']).endsWith('_refused')).length;
  expect(counted.reduce((sum, line) => sum + Number(line['counted']), records)).toBe(100);
});

test('what the limit refuses costs no page: one small text in every language, without files, session or cookies', async () => {
  const app = await createApp((raw) => ({ ...raw, limits: { signIn: { perMinute: 1, burst: 1 } } }));
  const browser = app.browser();
  const ask = (language: string) => browser.get('/login', { Accept: 'text/html', 'Accept-Language': language });
  await ask('en');
  const [one, other] = [await ask('en'), await ask('ko,de;q=0.5')];
  expect([one.status, other.status]).toEqual([429, 429]);
  const withoutId = ({ text, headers }: typeof one) => text.replaceAll(headers['x-request-id']!, '');
  expect(withoutId(one)).toBe(withoutId(other));
  expect(one.text).toContain('<section lang="ko">');
  expect(one.text.length).toBeLessThan(1024);
  expect(one.text).not.toContain('/assets/');
  expect(one.headers['set-cookie']).toBeUndefined();
  expect(one.headers['content-security-policy']).toContain("default-src 'none'");
  const post = await browser.postForm('/saml/acs', { SAMLResponse: 'x'.repeat(100_000) });
  expect([post.status, post.headers['connection']]).toEqual([429, 'close']);
});
