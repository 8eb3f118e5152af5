import { describe, expect, test } from 'vitest';
import { localPath } from '../../../src/http/page/return-to.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { baseUrl, setCookies, useApp } from '../support/app.ts';

const createApp = useApp();

/** A second identity provider, which does not answer. */
const withTwo = (raw: Raw): Raw => {
  const [first] = raw['identityProviders'] as object[];
  const partners = { id: 'partners', label: 'Partners <b>& friends</b>', metadata: { file: 'lab-metadata.xml' } };
  return { ...raw, identityProviders: [first, { ...first, ...partners }] };
};

describe('where sign-in leads back to', () => {
  const staying: [wish: string, path: string][] = [
    ['/', '/'],
    ['/console?role=payments-dev/Developer&region=eu-west-1', '/console?role=payments-dev/Developer&region=eu-west-1'],
    [
      '/console?destination=https://console.aws.amazon.com/s3',
      '/console?destination=https://console.aws.amazon.com/s3',
    ],
    ['/console#fragment', '/console'],
    ['/a/../console', '/console'],
    ['/%2f%2fevil.example', '/%2f%2fevil.example'],
    ['/größe', '/gr%C3%B6%C3%9Fe'],
  ];
  const leaving = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\\/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nSet-Cookie: a=b',
    '/\u0000/evil.example',
    '\t//evil.example',
    ' //evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https://evil.example',
    'HTTPS://evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '@evil.example',
    ':80',
    '',
    `/${'x'.repeat(2048)}`,
    `${baseUrl}/console`,
  ];
  test.each(staying)('is a path of the broker: %j', (wish, path) => {
    expect(localPath(wish, baseUrl)).toBe(path);
  });
  test.each(leaving)('is the portal where it would leave: %j', (wish) => {
    expect(localPath(wish, baseUrl)).toBe('/');
  });
  test.each([undefined, null, 4711, ['/console'], { path: '/' }])(
    'is the portal where it is not a string: %j',
    (wish) => {
      expect(localPath(wish, baseUrl)).toBe('/');
    },
  );

  test('whatever it is, the browser ends on this site', async () => {
    const { browser } = await createApp();
    for (const wish of [...leaving.slice(0, 20), ...staying.map(([text]) => text)]) {
      const query = `?${new URLSearchParams({ return_to: wish })}`;
      const location = (await browser().signIn('alice', query)).get('Location') ?? 'none';
      expect(new URL(location, baseUrl).origin, JSON.stringify(wish)).toBe(baseUrl);
      expect(location, JSON.stringify(wish)).toMatch(/^\/(?![/\\])/);
    }
  });

  test('of two wishes is none', async () => {
    const { browser } = await createApp();
    const answered = await browser().signIn('alice', '?return_to=/console&return_to=/api/v1/me');
    expect(answered.get('Location')).toBe('/');
  });
});

describe('GET /login', () => {
  test('sends the browser to the identity provider, and names nothing of the target there', async () => {
    const { browser, adfs } = await createApp();
    const { response, relayState } = await browser().startLogin('?return_to=/console%3Frole=payments-dev/Developer');
    expect(response.status).toBe(303);
    expect(response.get('Location')?.startsWith(adfs.ssoUrl)).toBe(true);
    expect(relayState).toMatch(/^[\w-]{43}$/);
    expect(response.get('Location')).not.toContain('payments-dev');
  });

  test('binds the sign-in to this browser with a cookie that the identity provider’s post brings along', async () => {
    const { browser } = await createApp();
    const { response } = await browser().startLogin();
    expect(setCookies(response)).toEqual([
      expect.stringMatching(/^rolegate-login=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=None$/),
    ]);
  });

  test('keeps one such cookie for a browser and all its tabs', async () => {
    const { browser } = await createApp();
    const alice = browser();
    const [one, other] = [await alice.startLogin('?return_to=/one'), await alice.startLogin('?return_to=/other')];
    expect(setCookies(other.response)).toEqual([]);
    expect(one.relayState).not.toBe(other.relayState);
    expect((await alice.answer(other, 'alice')).get('Location')).toBe('/other');
    expect((await alice.answer(one, 'alice')).get('Location')).toBe('/one');
  });

  test.each(['', 'x', 'x'.repeat(42), `${'x'.repeat(42)}!`, 'x'.repeat(44)])(
    'replaces a cookie that the broker did not write: %j',
    async (value) => {
      const { browser } = await createApp();
      const alice = browser();
      alice.cookies.set('rolegate-login', value);
      const { response } = await alice.startLogin();
      expect(setCookies(response)).toHaveLength(1);
      expect(alice.cookies.get('rolegate-login')).not.toBe(value);
    },
  );

  test('does not know an identity provider that is not configured', async () => {
    const { browser } = await createApp();
    for (const idp of ['nobody', '', 'ADFS', 'adfs%00', '__proto__']) {
      const answer = await browser().get(`/login?idp=${idp}`, { Accept: 'application/json' });
      expect([answer.status, JSON.parse(answer.text).code], idp).toEqual([404, 'not_found']);
    }
  });

  test('is unavailable while the identity provider’s metadata was never read', async () => {
    const { browser } = await createApp((raw) => {
      const [first] = raw['identityProviders'] as object[];
      const metadata = { url: 'http://127.0.0.1:9/metadata' };
      return { ...raw, identityProviders: [{ ...first, metadata }] };
    });
    const answer = await browser().get('/login', { Accept: 'application/json' });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'idp_unavailable']);
    expect(answer.get('Retry-After')).toBe('30');
  });
});

describe('with several identity providers', () => {
  test('the person chooses, and keeps the way', async () => {
    const { browser } = await createApp(withTwo);
    const alice = browser();
    const page = await alice.get('/login?return_to=/console%3Frole=a/b', { Accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('Corporate sign-in');
    expect(page.text).toContain('href="/login?idp=adfs&amp;return_to=%2Fconsole%3Frole%3Da%2Fb"');
    expect((await alice.signIn('alice', '?idp=adfs&return_to=/console%3Frole=a/b')).get('Location')).toBe(
      '/console?role=a/b',
    );
    expect((await alice.get('/api/v1/me')).body.identityProvider).toBe('adfs');
  });

  test('a label is text, not markup', async () => {
    const { browser } = await createApp(withTwo);
    const page = await browser().get('/login', { Accept: 'text/html' });
    expect(page.text).toContain('Partners &lt;b&gt;&amp; friends&lt;/b&gt;');
    expect(page.text).not.toContain('<b>');
  });

  test('a target that would leave the site is not on the page', async () => {
    const { browser } = await createApp(withTwo);
    const page = await browser().get('/login?return_to=//evil.example', { Accept: 'text/html' });
    expect(page.text).not.toContain('evil');
  });

  test('the one that this browser chose last comes first, and is marked', async () => {
    const { browser } = await createApp(withTwo);
    const alice = browser();
    const placeOf = (text: string, id: string) => text.indexOf(`href="/login?idp=${id}&`);
    const before = (await alice.get('/login', { Accept: 'text/html' })).text;
    expect(placeOf(before, 'adfs')).toBeLessThan(placeOf(before, 'partners'));
    expect(before).not.toContain('last used here');
    expect((await alice.get('/login?idp=partners')).status).toBe(303);
    const after = (await alice.get('/login', { Accept: 'text/html' })).text;
    expect(placeOf(after, 'partners')).toBeLessThan(placeOf(after, 'adfs'));
    expect(after.match(/last used here/g)).toHaveLength(1);
  });

  test('a remembered one that is not configured changes nothing', async () => {
    const { browser } = await createApp(withTwo);
    const page = await browser().get('/login', { Accept: 'text/html', Cookie: 'rolegate-idp=gone"><b>' });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/last used here|gone/);
  });
});
