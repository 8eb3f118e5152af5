// Requests without a session are limited for each source address: which count, which share a limit, answers and records.
import { expect, test } from 'vitest';
import { addressOf } from '../../../src/source-address.ts';
import { host, useApp } from '../support/app.ts';

const createApp = useApp();
const limited = (perMinute: number, burst: number) => (raw: Record<string, unknown>) => ({
  ...raw,
  limits: { signIn: { perMinute, burst } },
});

const json = { Accept: 'application/json' };

test('after its burst an address gets 429 and the time to come back', async () => {
  const app = await createApp(limited(6, 3));
  const visitor = app.browser();
  const login = async () => (await visitor.get('/login', json)).status;
  expect([await login(), await login(), await login(), await login()]).toEqual([303, 303, 303, 429]);
  const answer = await visitor.get('/login', json);
  expect(answer.get('Retry-After')).toBe('30');
  expect(JSON.parse(answer.text)).toMatchObject({ status: 429, code: 'rate_limited' });
  expect((await visitor.get('/', { Accept: 'text/html' })).text).toContain('Too many requests');
  app.clock.advance(30_000);
  expect([await login(), await login(), await login(), await login()]).toEqual([303, 303, 303, 429]);
});

const guesses = ['/', '/login', '/nothing/here', '/saml/slo?SAMLRequest=x', '/saml/metadata', '/cli', '/oauth/token'];
const oauth = ['/oauth/authorize?x', '/.well-known/oauth-authorization-server', '/openid/callback/x', '/signed-out'];
test.each([...guesses, ...oauth, '/api/v1/me', '/assets/rolegate.css'])('%s counts', async (path) => {
  const visitor = (await createApp(limited(8, 8))).browser();
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 50) statuses.push((await visitor.get(path, json)).status);
  expect([statuses[0] === 429, statuses.at(-1)]).toEqual([false, 429]);
});

test('an answer of an identity provider costs by its size, and one record a minute says who is refused', async () => {
  const app = await createApp((raw) => ({ ...raw, limits: { signIn: { perMinute: 21, burst: 21 } } }));
  const visitor = app.browser();
  const post = (bytes: number) =>
    visitor.postForm('/saml/acs', { SAMLResponse: 'x'.repeat(bytes), RelayState: 'x' }).then(({ status }) => status);
  expect([await post(10), await post(150_000), await post(10), await post(10)]).toEqual([403, 403, 403, 429]);
  const refused = () => app.audit.lines().filter(({ event }) => event === 'sign_in_refused');
  for (let count = 0; count < 3; count++) await post(10);
  expect(refused().map(({ reason }) => reason)).toEqual(['correlation', 'rate_limited']);
  app.clock.advance(60_000);
  await post(200_000);
  await expect
    .poll(() => app.audit.lines().filter(({ event }) => event === 'refusals_counted'))
    .toMatchObject([
      { refused: 'sign_in_refused', reason: 'correlation', counted: 2 },
      { refused: 'sign_in_refused', reason: 'rate_limited', counted: 3 },
    ]);
});

test('a session is not limited, and a forged one is', async () => {
  const app = await createApp(limited(4, 4));
  const [alice, mallory] = [app.browser(), app.browser()];
  expect((await alice.signIn('alice')).status).toBe(303);
  const me = async (who: typeof alice) => (await who.get('/api/v1/me', json)).status;
  for (let count = 0; count < 20; count++) expect(await me(alice)).toBe(200);
  for (const [name, value] of alice.cookies) mallory.cookies.set(name, value.replace(/^s%3A/, 's%3Ax'));
  const forged: number[] = [];
  for (let count = 0; count < 10; count++) forged.push(await me(mallory));
  expect([forged[0], forged.at(-1)]).toEqual([401, 429]);
  // The same address, and nothing is left of its limit.
  expect(await me(alice)).toBe(200);
  await alice.postForm('/logout', {});
  for (const [name, value] of alice.cookies) mallory.cookies.set(name, value);
  expect(await me(alice)).toBe(429);
});

test.each([
  ['/assets/rolegate.css', host],
  ['/', 'evil.example'],
])('with the cookie of a session that has ended, %s of %s counts', async (path, name) => {
  const app = await createApp(limited(4, 4));
  const [alice, mallory] = [app.browser(), app.browser()];
  await alice.signIn('alice');
  for (const cookie of alice.cookies) mallory.cookies.set(...cookie);
  await alice.postForm('/logout', {});
  expect((await mallory.get('/api/v1/me', json)).status).toBe(401);
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 50)
    statuses.push((await mallory.get(path, { ...json, Host: name })).status);
  expect(statuses.at(-1)).toBe(429);
});

test('a header that came beside the cookie of a session once proves nothing', async () => {
  const app = await createApp(limited(4, 4));
  const [alice, mallory] = [app.browser(), app.browser()];
  await alice.signIn('alice');
  const header = { ...json, Authorization: 'Basic eDp4' };
  await alice.get('/api/v1/me', header);
  const statuses: number[] = [];
  while (statuses.at(-1) !== 429 && statuses.length < 50)
    statuses.push((await mallory.get('/api/v1/me', { ...header, Host: 'evil.example' })).status);
  expect(statuses.at(-1)).toBe(429);
});

test('a sign-in that succeeds costs the way to it only', async () => {
  const app = await createApp(limited(14, 14));
  for (let count = 0; count < 10; count++) expect((await app.browser().signIn('alice')).status).toBe(303);
});

test('the command line’s sign-in counts as well', async () => {
  const visitor = (await createApp(limited(5, 5))).browser();
  const push = async () => (await visitor.send('POST', '/oauth/par', { headers: json })).status;
  expect(await push()).not.toBe(429);
  expect(await push()).toBe(429);
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
  const ports = ['192.0.2.3:1', '192.0.2.3:2', '"192.0.2.3:3"', '[2001:db8::2]:4', '[2001:db8::2]:5'];
  const statuses = [];
  for (const address of ports) statuses.push(await from(address));
  expect(statuses).toEqual([303, 429, 429, 303, 429]);
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
