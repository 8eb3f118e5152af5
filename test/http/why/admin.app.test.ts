// The administrators' pages: for members of the configured groups only, and every look is recorded.
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isAdministrator } from '../../../src/http/middleware/administrators.ts';
import { person } from '../../access/support.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { hostile, type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const withAdmins = (raw: Raw): Raw => ({ ...raw, portal: { administrators: ['CORP\\Admins'] } });

async function signedIn(user: string, adjust: (raw: Raw) => Raw = withAdmins) {
  const app = await createApp(adjust);
  const browser = app.browser();
  await browser.signIn(user);
  return { app, browser };
}

const events = ({ audit }: TestApp, name: string) => audit.lines().filter(({ event }) => event === name);

/** A response whose signature is invalid, from a separate browser. */
async function refuse({ browser }: TestApp, text = 'nonsense') {
  const answer = await browser().postForm('/saml/acs', { SAMLResponse: text });
  return String(answer.get('X-Request-Id'));
}

describe('the administrators’ pages', () => {
  const paths = [
    '/admin/explain',
    '/admin/refusals',
    '/admin/sessions',
    '/admin/activity',
    '/admin/keys',
    '/admin/configuration',
  ];

  test.each(paths)('open for a member of a configured group: %s', async (path) => {
    const { browser } = await signedIn('alice');
    expect((await browser.get(path, accept)).status).toBe(200);
    expect((await browser.get('/', accept)).text).toContain('href="/admin/explain"');
    expect((await browser.get('/admin/explain', accept)).text).toContain(`href="${path}"`);
  });

  test.each(paths)('are not there for others, nor linked: %s', async (path) => {
    const { app, browser } = await signedIn('bob');
    const answer = await browser.get(path, accept);
    expect(answer.status).toBe(404);
    expect((await browser.get('/', accept)).text).not.toContain('/admin/');
    expect(events(app, 'refusals_viewed')).toEqual([]);
  });

  test.each(paths)('are not there for anybody unless groups are configured: %s', async (path) => {
    const { browser } = await signedIn('alice', (raw) => raw);
    expect((await browser.get(path, accept)).status).toBe(404);
  });

  test('compare groups exactly', async () => {
    const { browser } = await signedIn('alice', (raw) => ({ ...raw, portal: { administrators: ['corp\\admins'] } }));
    expect((await browser.get('/admin/refusals', accept)).status).toBe(404);
  });

  test('take the word of the first identity provider only', async () => {
    const { config } = await createApp(withAdmins);
    const identity = person({ groups: ['CORP\\Admins'] });
    expect(isAdministrator(identity, config)).toBe(true);
    expect(isAdministrator({ ...identity, idp: 'partners' }, config)).toBe(false);
  });

  test.each(paths)('ask for a sign-in first: %s', async (path) => {
    const { browser } = await createApp(withAdmins);
    const answer = await browser().get(path, accept);
    expect(answer.get('Location')).toBe(`/login?return_to=${encodeURIComponent(path)}`);
  });

  test('accept no form of a person who is not an administrator, nor of another site', async () => {
    const bob = await signedIn('bob');
    expect((await bob.browser.postForm('/admin/explain', { groups: 'CORP\\Engineers' })).status).toBe(404);
    const { app, browser } = await signedIn('alice');
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://evil.example' };
    const answer = await browser.send('POST', '/admin/explain', { headers, body: 'groups=a' });
    expect(answer.status).toBe(403);
    expect(events(app, 'roles_explained')).toEqual([]);
  });
});

describe('roles of others', () => {
  const ask = { user: 'carol@corp.example', groups: 'CORP\\Engineers\r\ncorp\\admins\r\n\r\n' };

  test('are explained for the groups that were given, one on each line', async () => {
    const { browser } = await signedIn('alice');
    const { text } = await browser.postForm('/admin/explain', ask);
    expect(text).toContain('Developer in Payments Development (012345678901)');
    expect(text).toContain('You are in “corp\\admins”, which is similar but not the same');
    expect(text).toContain('<code>carol@corp.example</code>');
    expect(text).toContain('CORP\\Engineers\r\ncorp\\admins');
  });

  test('are explained by a link as well', async () => {
    const { browser } = await signedIn('alice');
    const { text } = await browser.get(`/admin/explain?${new URLSearchParams({ ...ask, role: 'Admin' })}`, accept);
    expect(text).toContain('which is similar but not the same');
    expect(text).not.toContain('Payments Development');
  });

  test('leave a record of who asked about whom, without the groups', async () => {
    const { app, browser } = await signedIn('alice');
    await browser.postForm('/admin/explain', ask);
    const [record, ...others] = events(app, 'roles_explained');
    expect(record).toMatchObject({ user: 'alice@corp.example', about: 'carol@corp.example', groups: 2 });
    expect(JSON.stringify(record)).not.toContain('Engineers');
    expect(others).toEqual([]);
  });

  test('are not shown if that cannot be recorded', async () => {
    const { app, browser } = await signedIn('alice');
    app.audit.fail();
    expect((await browser.postForm('/admin/explain', ask)).status).toBe(503);
    expect((await browser.get('/admin/refusals', accept)).status).toBe(503);
  });

  test('are not explained, and nothing is recorded, before anything is asked', async () => {
    const { app, browser } = await signedIn('alice');
    const { text } = await browser.get('/admin/explain', accept);
    expect(text).toContain('<textarea name="groups"');
    expect(text).not.toContain('class="cards"');
    expect(events(app, 'roles_explained')).toEqual([]);
  });

  test('show hostile groups as text', async () => {
    const { browser } = await signedIn('alice');
    const { text } = await browser.postForm('/admin/explain', { groups: `</textarea>${hostile}`, user: hostile });
    expect(text).not.toContain('<script>alert');
    expect(text.match(/<\/textarea>/g)).toHaveLength(1);
  });
});

describe('refused sign-ins', () => {
  test('are listed with reason, detail, address and request id, the newest first', async () => {
    const { app, browser } = await signedIn('alice');
    const first = await refuse(app);
    app.clock.advance(1000);
    const second = await refuse(app, Buffer.from('<a/>').toString('base64'));
    const { text } = await browser.get('/admin/refusals', accept);
    expect(text.indexOf(second)).toBeGreaterThan(0);
    expect(text.indexOf(first)).toBeGreaterThan(text.indexOf(second));
    expect(text).toContain('<code>correlation</code>');
    expect(text).toContain('127.0.0.1');
    const [record] = events(app, 'sign_in_refused');
    expect(text).toContain(String(record?.['time']).slice(0, 19).replace('T', ' '));
    expect(events(app, 'refusals_viewed')).toMatchObject([{ user: 'alice@corp.example', shown: 2 }]);
  });

  test('are forgotten after seven days', async () => {
    const { app } = await signedIn('alice');
    const id = await refuse(app);
    app.clock.advance(7 * 86_400_000 - 60_000);
    const look = async () => {
      const browser = app.browser();
      await browser.signIn('alice');
      return (await browser.get('/admin/refusals', accept)).text;
    };
    expect(await look()).toContain(id);
    app.clock.advance(61_000);
    expect(await look()).toContain('No sign-in or credential request was refused');
  });

  test('that cannot be recorded are not kept either', async () => {
    const { app } = await signedIn('alice');
    app.audit.fail();
    expect((await app.browser().postForm('/saml/acs', { SAMLResponse: 'x' })).status).toBe(503);
  });
});

describe('the sign-in of an administrator', () => {
  const withRequire = (administratorSignIn: object) => (raw: Raw) => ({
    ...raw,
    portal: { administrators: ['CORP\\Admins'], administratorSignIn },
  });

  test('is not older than an hour, or they sign in again and come back', async () => {
    const { app, browser } = await signedIn('alice');
    app.clock.advance(59 * 60_000);
    expect((await browser.get('/admin/explain', accept)).status).toBe(200);
    app.clock.advance(2 * 60_000);
    const away = await browser.get('/admin/explain?user=x', accept);
    const login = away.get('Location') ?? '';
    expect([away.status, login]).toEqual([303, expect.stringMatching(/^\/login\?step_up=administration&/)]);
    expect((await browser.postForm('/admin/explain', { user: 'bob', groups: 'x' })).status).toBe(401);
    const back = await browser.answer(await browser.startLogin(login.slice('/login'.length)), 'alice');
    expect(back.get('Location')).toBe('/admin/explain?user=x');
    expect((await browser.get('/admin/explain', accept)).status).toBe(200);
  });

  test('has the context that is configured, and is asked for it once', async () => {
    const { browser } = await signedIn('alice', withRequire({ authnContext: 'mfa' }));
    const login = (await browser.get('/admin/refusals', accept)).get('Location') ?? '';
    const started = await browser.startLogin(login.slice('/login'.length));
    const location = new URL(started.response.get('Location') ?? '');
    const xml = inflateRawSync(Buffer.from(location.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
    expect(xml).toContain('multipleauthn');
    await browser.answer(started, 'alice');
    expect((await browser.get('/admin/refusals', accept)).status).toBe(403);
  });

  test('says nothing to people who are not administrators', async () => {
    const { app, browser } = await signedIn('bob');
    app.clock.advance(2 * 3_600_000);
    await browser.signIn('bob');
    app.clock.advance(59 * 60_000);
    expect((await browser.get('/admin/explain', accept)).status).toBe(404);
    const started = await browser.startLogin('?step_up=administration');
    expect(started.response.get('Location')).not.toContain('administration');
  });
});
