import { describe, expect, test } from 'vitest';
import type { Raw } from '../../config/support/workplace.ts';
import { setCookies, useApp } from '../support/app.ts';

const createApp = useApp();
const onHttps = (raw: Raw): Raw => ({
  ...raw,
  baseUrl: 'https://127.0.0.1:8080',
  listen: { port: 8080, trustProxy: ['127.0.0.1', '::1', '::ffff:127.0.0.1'] },
});

describe('signing in', () => {
  test('leads through the identity provider into a session', async () => {
    const { browser, audit } = await createApp();
    const alice = browser();
    expect((await alice.get('/')).get('Location')).toBe('/login?return_to=%2F');
    const answered = await alice.signIn('alice', '?return_to=/console%3Frole=payments-dev/Developer');
    expect(answered.status).toBe(303);
    expect(answered.get('Location')).toBe('/console?role=payments-dev/Developer');
    const me = await alice.get('/api/v1/me');
    expect(me.body).toEqual({
      user: 'alice@corp.example',
      displayName: 'alice Sample',
      identityProvider: 'adfs',
      expiresAt: '2026-03-02T19:00:00.000Z',
    });
    expect(audit.lines()).toMatchObject([
      { event: 'sign_in', idp: 'adfs', user: 'alice@corp.example', requestId: answered.get('X-Request-Id') },
    ]);
  });

  test('lists the roles of today’s policy, and what they ask for', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const { body } = await alice.get('/api/v1/roles');
    expect(body.roles).toEqual([
      expect.objectContaining({
        roleArn: 'arn:aws:iam::111122223333:role/Admin',
        accountId: '111122223333',
        accountAlias: 'payments-prod',
        accountName: 'payments-prod',
        environment: null,
        roleName: 'Admin',
        maxDurationSeconds: 3600,
        rule: 'administrators',
        stepUp: { reason: 'authn_context' },
      }),
      expect.objectContaining({ roleArn: 'arn:aws:iam::012345678901:role/Developer', stepUp: null }),
    ]);
  });

  test('gives a person without roles a session and a page that explains', async () => {
    const { browser } = await createApp();
    const bob = browser();
    expect((await bob.signIn('bob')).get('Location')).toBe('/');
    const page = await bob.get('/', { Accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('You have no AWS roles yet');
    expect(page.text).toContain('CORP\\Auditors');
  });

  test('gives the session a new id: one that a stranger planted stays empty', async () => {
    const { browser } = await createApp();
    const [alice, stranger] = [browser(), browser()];
    await stranger.signIn('bob');
    const planted = stranger.cookies.get('rolegate')!;
    alice.cookies.set('rolegate', planted);
    await alice.signIn('alice');
    expect(alice.cookies.get('rolegate')).not.toBe(planted);
    expect((await stranger.get('/api/v1/me')).body.user).not.toBe('alice@corp.example');
  });

  test('ends the session that it replaces', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const old = alice.cookies.get('rolegate')!;
    const started = await alice.startLogin();
    // The cookie is Lax: the identity provider's post does not bring it.
    alice.cookies.delete('rolegate');
    await alice.answer(started, 'alice');
    expect((await alice.get('/api/v1/me')).status).toBe(200);
    const other = browser();
    other.cookies.set('rolegate', old);
    expect((await other.get('/api/v1/me')).status).toBe(401);
  });

  test('by another user in a step-up drops the target of the first user', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const wanted = encodeURIComponent('/?resume=console&role=arn:aws:iam::111122223333:role/Admin');
    const query = `?step_up=arn:aws:iam::111122223333:role/Admin&return_to=${wanted}`;
    const started = await alice.startLogin(query);
    alice.cookies.delete('rolegate');
    expect((await alice.answer(started, 'bob')).get('Location')).toBe('/');
    expect((await alice.get('/api/v1/me')).body.user).toBe('bob@corp.example');
  });

  test('of which no record can be written opens no session', async () => {
    const { browser, audit } = await createApp();
    const alice = browser();
    const started = await alice.startLogin();
    audit.fail();
    expect((await alice.answer(started, 'alice')).status).toBe(503);
    expect((await alice.get('/api/v1/me')).status).toBe(401);
  });
});

describe('the session', () => {
  const hour = 3_600_000;

  test('has a cookie that scripts, other sites and the disk do not see', async () => {
    const { browser } = await createApp();
    const answered = await browser().signIn('alice');
    const [cookie] = setCookies(answered).filter((line) => line.startsWith('rolegate='));
    expect(cookie?.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
  });

  test('has a __Host- cookie with Secure on https', async () => {
    const { browser } = await createApp(onHttps);
    const response = await browser().get('/login', { 'X-Forwarded-Proto': 'https' });
    expect(setCookies(response)).toEqual([
      expect.stringMatching(/^__Host-rolegate-login=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=None$/),
    ]);
    expect(response.get('Strict-Transport-Security')).toBe('max-age=31536000');
  });

  test('is not begun over http where the portal is on https', async () => {
    const { browser } = await createApp(onHttps);
    expect((await browser().get('/login')).status).toBe(421);
    expect((await browser().get('/login', { 'X-Forwarded-Proto': 'http' })).status).toBe(421);
  });

  test('sets no cookie without a sign-in', async () => {
    const { browser } = await createApp();
    for (const path of ['/', '/signed-out', '/api/v1/me', '/nothing']) {
      expect(setCookies(await browser().get(path)), path).toEqual([]);
    }
  });

  test('ends after an hour without a request', async () => {
    const { browser, clock } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    clock.advance(hour - 1);
    expect((await alice.get('/api/v1/me')).status).toBe(200);
    clock.advance(hour - 1);
    expect((await alice.get('/api/v1/me')).status).toBe(200);
    clock.advance(hour);
    expect((await alice.get('/api/v1/me')).status).toBe(401);
  });

  test('ends ten hours after sign-in, however busy', async () => {
    const { browser, clock } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    for (let minutes = 0; minutes < 600; minutes += 50) {
      expect((await alice.get('/api/v1/me')).status).toBe(200);
      clock.advance(50 * 60_000);
    }
    expect((await alice.get('/api/v1/me')).status).toBe(401);
  });

  test('ends when the identity provider says so', async () => {
    const { browser, clock } = await createApp();
    const alice = browser();
    const sessionNotOnOrAfter = new Date(clock.now().getTime() + 10 * 60_000);
    await alice.answer(await alice.startLogin(), 'alice', { sessionNotOnOrAfter });
    expect((await alice.get('/api/v1/me')).body.expiresAt).toBe(sessionNotOnOrAfter.toISOString());
    clock.advance(10 * 60_000);
    expect((await alice.get('/api/v1/me')).status).toBe(401);
  });

  test('ends with sign-out, which leads to a page that leads nowhere by itself', async () => {
    const { browser, audit } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const cookie = alice.cookies.get('rolegate')!;
    const left = await alice.postForm('/logout', {});
    expect([left.status, left.get('Location')]).toEqual([303, expect.stringMatching(/^\/logout\/continue\?state=/)]);
    alice.cookies.set('rolegate', cookie);
    expect((await alice.get('/api/v1/me')).status).toBe(401);
    expect(audit.lines().at(-1)).toMatchObject({ event: 'sign_out', user: 'alice@corp.example' });
    const page = await alice.get('/signed-out', { Accept: 'text/html' });
    expect([page.status, page.get('Refresh'), page.text.includes('http-equiv')]).toEqual([200, undefined, false]);
  });

  test('is refused with a cookie that is made up or altered', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const cookie = alice.cookies.get('rolegate')!;
    for (const other of [
      '',
      's%3A',
      cookie.slice(0, -1),
      `${cookie}x`,
      cookie.replace(/\.[^.]*$/, ''),
      'x'.repeat(43),
    ]) {
      const stranger = browser();
      stranger.cookies.set('rolegate', other);
      expect((await stranger.get('/api/v1/me')).status, other).toBe(401);
    }
  });
});
