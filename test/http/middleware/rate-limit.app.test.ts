// Sign-ins are limited for each source address: what counts, who shares, what is answered and what is recorded.
import { expect, test } from 'vitest';
import { addressOf, rateLimit } from '../../../src/http/middleware/rate-limit.ts';
import { createTestClock } from '../../support/clock.ts';
import { host, useApp } from '../support/app.ts';

const createApp = useApp();
const limited = (perMinute: number, burst: number) => (raw: Record<string, unknown>) => ({
  ...raw,
  limits: { signIn: { perMinute, burst } },
});

test('after its burst an address gets 429 and a time to come back, and then as many as the rate gives', async () => {
  const app = await createApp(limited(6, 3));
  const visitor = app.browser();
  const login = async () => (await visitor.get('/login', { Accept: 'application/json' })).status;
  expect([await login(), await login(), await login(), await login()]).toEqual([303, 303, 303, 429]);
  const answer = await visitor.get('/login', { Accept: 'application/json' });
  expect(answer.get('Retry-After')).toBe('10');
  expect(JSON.parse(answer.text)).toMatchObject({ status: 429, code: 'rate_limited' });
  expect((await visitor.get('/signed-out')).status).toBe(200);
  app.clock.advance(10_000);
  expect([await login(), await login()]).toEqual([303, 429]);
  app.clock.advance(3_600_000);
  expect([await login(), await login(), await login(), await login()]).toEqual([303, 303, 303, 429]);
});

test('the answers of identity providers count as well, and one record a minute says that they are refused', async () => {
  const app = await createApp(limited(60, 2));
  const visitor = app.browser();
  const post = () => visitor.postForm('/saml/acs', { SAMLResponse: 'nonsense', RelayState: 'x' });
  expect([(await post()).status, (await post()).status, (await post()).status]).toEqual([403, 403, 429]);
  const page = await post();
  expect([page.status, page.text]).toEqual([429, expect.stringContaining('Too many requests')]);
  const reasons = () => app.audit.lines().map(({ reason, code }) => [code, reason]);
  const refusedAsUsual = ['saml_refused', 'correlation'];
  expect(reasons()).toEqual([refusedAsUsual, refusedAsUsual, ['rate_limited', 'rate_limited']]);
  app.clock.advance(60_000);
  for (let count = 0; count < 3; count++) await post();
  expect(reasons().filter(([code]) => code === 'rate_limited')).toHaveLength(2);
});

test('the command line’s sign-in counts as well', async () => {
  const visitor = (await createApp(limited(1, 1))).browser();
  const push = async () =>
    (await visitor.send('POST', '/oauth/par', { headers: { Accept: 'application/json' } })).status;
  expect(await push()).not.toBe(429);
  expect(await push()).toBe(429);
  expect((await visitor.get('/.well-known/oauth-authorization-server')).status).toBe(200);
});

test('no limit where it is turned off', async () => {
  const visitor = (await createApp(limited(0, 1))).browser();
  for (let count = 0; count < 5; count++) expect((await visitor.get('/login')).status).toBe(303);
});

test('a proxy that is not trusted cannot name another address', async () => {
  const visitor = (await createApp(limited(1, 1))).browser();
  expect((await visitor.get('/login', { Host: host, 'X-Forwarded-For': '192.0.2.1' })).status).toBe(303);
  expect((await visitor.get('/login', { Host: host, 'X-Forwarded-For': '192.0.2.2' })).status).toBe(429);
});

test('a trusted one can, and each address has its own', async () => {
  const adjust = (raw: Record<string, unknown>) => ({
    ...limited(1, 1)(raw),
    listen: { port: 8080, trustProxy: ['loopback'] },
  });
  const visitor = (await createApp(adjust)).browser();
  const from = async (address: string) => (await visitor.get('/login', { 'X-Forwarded-For': address })).status;
  expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([303, 303, 429]);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:0001:2::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('%s counts as %s', (ip, address) => {
  expect(addressOf(ip)).toBe(address);
});

test('however many addresses come, those in memory are bounded: the one longest unused is forgotten', async () => {
  const clock = createTestClock();
  const limit = rateLimit({ perMinute: 1, burst: 1 }, clock, async () => {});
  const isAllowed = async (ip: string): Promise<boolean> => {
    let error: unknown;
    // Only the address of the request is read.
    await limit({ ip } as never, {} as never, (thrown) => {
      error = thrown;
    });
    return error === undefined;
  };
  expect([await isAllowed('192.0.2.1'), await isAllowed('192.0.2.1')]).toEqual([true, false]);
  for (let count = 1; count < 10_000; count++) await isAllowed(`10.0.${count >> 8}.${count & 255}`);
  expect(await isAllowed('192.0.2.1')).toBe(false);
  for (let count = 0; count < 10_000; count++) await isAllowed(`10.1.${count >> 8}.${count & 255}`);
  expect(await isAllowed('192.0.2.1')).toBe(true);
});
