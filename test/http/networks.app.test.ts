// A rule that asks for a network: the same session has its role from there, and from nowhere else.
import { describe, expect, test } from 'vitest';
import type { Raw } from '../config/support/workplace.ts';
import { type Browser, baseUrl, encode, useApp } from './support/app.ts';

const createApp = useApp();
const operator = 'arn:aws:iam::012345678901:role/Operator';
const [inside, outside] = ['10.1.2.3', '198.51.100.7'];

const world = (raw: Raw): Raw => ({
  ...raw,
  listen: { port: 8080, trustProxy: ['127.0.0.1', '::1'] },
  rules: [
    ...(raw['rules'] as object[]),
    {
      name: 'operators',
      when: { group: 'CORP\\Engineers' },
      grant: { accounts: ['payments-dev'], role: 'Operator', require: { network: ['10.0.0.0/8', '2001:db8::/32'] } },
    },
  ],
  // No server answers there: an error of AWS shows that the request was let through.
  aws: { ...(raw['aws'] as object), endpoints: { sts: 'http://127.0.0.1:9', signin: 'http://127.0.0.1:9' } },
});

async function signedIn() {
  const app = await createApp(world);
  const alice = app.browser();
  await alice.signIn('alice');
  return { app, alice };
}

const from = (address: string, accept = 'text/html') => ({ 'X-Forwarded-For': address, Accept: accept });
const rolesAt = async (browser: Browser, address: string) =>
  JSON.parse((await browser.get('/api/v1/roles', from(address, 'application/json'))).text).roles.map(
    ({ roleName }: { roleName: string }) => roleName,
  );

describe('a role of one network', () => {
  test('is listed there only, however often one session moves', async () => {
    const { alice } = await signedIn();
    for (let round = 0; round < 2; round++) {
      expect(await rolesAt(alice, inside)).toContain('Operator');
      expect(await rolesAt(alice, '::ffff:10.1.2.3')).toContain('Operator');
      expect(await rolesAt(alice, '2001:db8::7')).toContain('Operator');
      for (const address of [outside, '2001:db9::7', '127.0.0.1']) {
        const names = await rolesAt(alice, address);
        expect([names.includes('Operator'), names.includes('Developer')], address).toEqual([false, true]);
      }
    }
    expect((await alice.get('/', from(inside))).text).toContain(operator);
    expect((await alice.get('/', from(outside))).text).not.toContain(operator);
  });

  test.each([
    ['/api/v1/credentials', {}],
    ['/api/v1/console-url', { service: 's3' }],
  ])('is refused elsewhere by %s, with its reason', async (path, more) => {
    const { app, alice } = await signedIn();
    const ask = (address: string) =>
      alice.send('POST', path, {
        headers: { ...from(address, 'application/json'), Origin: baseUrl },
        body: { roleArn: operator, ...more },
      });
    const refused = await ask(outside);
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'network_not_allowed']);
    expect(app.audit.lines().at(-1)).toMatchObject({
      event: 'role_refused',
      code: 'network_not_allowed',
      sourceIp: outside,
    });
    expect((await ask(inside)).status).toBe(503);
  });

  test.each(['/portal/credentials', '/portal/console'])('is refused elsewhere by the form %s', async (path) => {
    const { alice } = await signedIn();
    const type = 'application/x-www-form-urlencoded';
    const ask = (address: string) =>
      alice.send('POST', path, {
        headers: { ...from(address), Origin: baseUrl, 'Content-Type': type },
        body: encode({ roleArn: operator }),
      });
    const refused = await ask(outside);
    expect([refused.status, refused.text.includes('cannot be used from your network')]).toEqual([403, true]);
    expect(refused.text).toContain('href="/why"');
    expect((await ask(inside)).status).toBe(503);
  });

  test.each(['/console', '/credentials'])('has no link %s elsewhere', async (path) => {
    const { alice } = await signedIn();
    const link = `${path}?role=${encodeURIComponent(operator)}`;
    expect((await alice.get(link, from(inside))).status).toBe(200);
    const page = await alice.get(`/credentials?role=${encodeURIComponent(operator)}`, from(outside));
    expect([page.status, page.text.includes('cannot be used from your network')]).toEqual([403, true]);
  });

  test('a role that no rule grants is not said to be one', async () => {
    const { alice } = await signedIn();
    const body = { roleArn: 'arn:aws:iam::012345678901:role/Absent' };
    const refused = await alice.send('POST', '/api/v1/credentials', {
      headers: { ...from(outside, 'application/json'), Origin: baseUrl },
      body,
    });
    expect(JSON.parse(refused.text).code).toBe('role_not_granted');
  });

  test('is explained, in both languages', async () => {
    const { alice } = await signedIn();
    const why = async (address: string, language = 'en') =>
      (await alice.get('/why', { ...from(address), 'Accept-Language': language })).text;
    expect(await why(outside)).toContain(`your address, which this portal sees as ${outside}`);
    expect(await why(outside, 'ko')).toContain(`접속 주소 ${outside}`);
    const there = await why(inside);
    expect(there).not.toContain('your address');
    expect(there).toContain('only from 10.0.0.0/8, 2001:db8::/32');
  });
});
