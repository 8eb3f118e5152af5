// A colleague in the network of the proxies: no address of another machine, no way around a limit, no https by a header.
import { expect, test } from 'vitest';
import { type Browser, useApp } from '../http/support/app.ts';

const start = useApp();

/** The peer of these tests is 127.0.0.1: the proxy. It appends the address it was called from, as many balancers do. */
const behind = (listen: object, more: object = {}) =>
  start((raw) => ({
    ...raw,
    // One POST to the ACS counts as two requests.
    limits: { signIn: { perMinute: 1, burst: 2 } },
    listen: { port: 8080, ...listen },
    ...more,
  }));
const post = async (visitor: Browser, forwarded: string) => {
  const headers = { 'X-Forwarded-For': forwarded, 'Content-Type': 'application/x-www-form-urlencoded' };
  return (await visitor.send('POST', '/saml/acs', { headers, body: 'SAMLResponse=x' })).status;
};

const colleague = '127.9.9.9';

for (const [name, listen] of [
  ['a network with a hop count', { trustProxy: ['127.0.0.0/8'], trustProxyHops: 1 }],
  ['a single address', { trustProxy: ['127.0.0.1'] }],
] as const) {
  test(`${name}: forged addresses neither escape the limit nor reach the audit trail`, async () => {
    const app = await behind(listen);
    const visitor = app.browser();
    const statuses: number[] = [];
    for (let last = 1; last <= 3; last++) statuses.push(await post(visitor, `203.0.113.${last}, ${colleague}`));
    expect(statuses).toEqual([403, 429, 429]);
    expect(new Set(app.audit.lines().map(({ sourceIp }) => sourceIp))).toEqual(new Set([colleague]));
    // The twin: another colleague has a separate limit.
    expect(await post(visitor, '203.0.113.1, 127.8.8.8')).toBe(403);
    expect(app.audit.lines().at(-1)).toHaveProperty('sourceIp', '127.8.8.8');
  });

  test(`${name}: text in place of an address counts as the proxy`, async () => {
    const app = await behind(listen);
    const visitor = app.browser();
    const texts = ['not-an-address-AAAA', '"><script>', 'unknown', `${'9'.repeat(2000)}`];
    const statuses: number[] = [];
    for (const text of texts) statuses.push(await post(visitor, text));
    expect(statuses).toEqual([403, 429, 429, 429]);
    expect(new Set(app.audit.lines().map(({ sourceIp }) => sourceIp))).toEqual(new Set(['127.0.0.1']));
  });
}

test('a header makes http into https only if a trusted proxy sends it', async () => {
  const https = { baseUrl: 'https://broker.example' };
  const headers = { Host: 'broker.example', 'X-Forwarded-Proto': 'https' };
  const trusted = await behind({ trustProxy: ['127.0.0.1'] }, https);
  expect((await trusted.browser().get('/signed-out', headers)).status).toBe(200);
  const other = await behind({ trustProxy: ['127.0.0.2'] }, https);
  expect((await other.browser().get('/signed-out', headers)).status).toBe(421);
});

test('a header never names another host, not even that of a trusted proxy', async () => {
  const app = await behind({ trustProxy: ['127.0.0.1'] });
  const get = async (headers: Record<string, string>) => (await app.browser().get('/signed-out', headers)).status;
  expect(await get({ Host: 'evil.example', 'X-Forwarded-Host': '127.0.0.1:8080' })).toBe(421);
  expect(await get({ 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' })).toBe(200);
});
