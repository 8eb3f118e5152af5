// Signing out with an OpenID provider: begun here (RP-Initiated Logout 1.0), or there (Back-Channel Logout 1.0).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OpenidEmulator, startOpenidProvider } from '../../emulators/openid/provider.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';

const client = { clientId: 'rolegate', clientSecret: 'a secret of the client' };
const group = 'CORP\\AWS-Payments-Dev';
const person = { sub: 'c-1', sid: 's-1', email: 'carol@corp.example', groups: [group] };
let provider: OpenidEmulator;
let demo: TestDemo;
let browser: HttpBrowser;

beforeAll(async () => {
  provider = await startOpenidProvider({ client, now: () => new Date() });
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      identityProviders: ['oidc', 'away'].map((id) => ({
        id,
        label: id,
        openid: { issuer: provider.issuer, ...client },
        attributes: { user: 'email' },
      })),
    }),
  });
});
afterAll(async () => {
  await demo?.close();
  await provider.close();
});
beforeEach(() => {
  Object.assign(provider, { person, fault: {} });
  browser = createHttpBrowser();
  return () => browser.close();
});

async function signIn(own = browser, idp = 'oidc', claims: object = {}): Promise<void> {
  provider.person = { ...person, ...claims };
  expect((await own.get(`${demo.brokerUrl}/login?idp=${idp}`)).status).toBe(200);
}
const isSignedIn = async (own = browser) => (await own.json('GET', `${demo.brokerUrl}/api/v1/me`)).status === 200;
const signOut = async () => {
  const portal = await browser.get(`${demo.brokerUrl}/`);
  return browser.submit(portal, (form) => form.action.endsWith('/logout'));
};
const last = (event: string) => demo.audit.findLast((line) => line['event'] === event);

describe('signing out here', () => {
  test('ends the session here, then at the provider, and comes back', async () => {
    await signIn();
    const between = await signOut();
    expect(await isSignedIn()).toBe(false);
    const url = /http[^"]*end-session[^"]*/.exec(between.body)?.[0].replaceAll('&amp;', '&') ?? '';
    const page = await browser.get(url);
    expect(new URL(page.url).pathname).toBe('/signed-out');
    expect(page.body).not.toContain('You may still be signed in');
    const asked = provider.loggedOut()!;
    expect(Object.fromEntries(asked)).toEqual({
      client_id: client.clientId,
      id_token_hint: expect.stringMatching(/^eyJ/),
      post_logout_redirect_uri: `${demo.brokerUrl}/openid/signed-out/oidc`,
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(last('logout_answered')).toMatchObject({ idp: 'oidc', user: 'carol@corp.example', outcome: 'complete' });
    // Once, and in this browser.
    const again = await browser.get(`${demo.brokerUrl}/openid/signed-out/oidc?state=${asked.get('state')}`);
    expect(again.body).toContain('You may still be signed in');
  });

  test('works where the provider has no address for it', async () => {
    const other = await startOpenidProvider({ client, now: () => new Date(), person });
    other.fault = { metadata: { end_session_endpoint: undefined } };
    const own = await startTestDemo({
      adjust: (config) => ({
        ...config,
        identityProviders: [
          { id: 'o', label: 'O', openid: { issuer: other.issuer, ...client }, attributes: { user: 'email' } },
        ],
      }),
    });
    await browser.get(`${own.brokerUrl}/login`);
    const portal = await browser.get(`${own.brokerUrl}/`);
    const page = await browser.submit(portal, (form) => form.action.endsWith('/logout'));
    expect(new URL(page.url).pathname).toBe('/signed-out');
    expect(page.body).toContain('You may still be signed in');
    await own.close();
    await other.close();
  });
});

describe('a logout token', () => {
  const send = (claims: Record<string, unknown>, fault?: object) =>
    provider.sendLogout(`${demo.brokerUrl}/openid/backchannel-logout/oidc`, claims, fault);

  test.each([
    ['sid', { sid: 's-1' }],
    ['sub and sid', { sub: 'c-1', sid: 's-1' }],
    ['sub', { sub: 'c-1' }],
    ['sid, typed as Keycloak did', { sid: 's-1' }, { typ: 'JWT' }],
    ['sid, for several audiences and without exp', { sid: 's-1', aud: ['x', client.clientId], exp: undefined }],
  ] as [string, Record<string, unknown>, object?][])('with %s ends the session', async (_, claims, fault = {}) => {
    await signIn();
    const answer = await send(claims, fault);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, expect.stringContaining('no-store')]);
    expect(await isSignedIn()).toBe(false);
    expect(last('logout_requested')).toMatchObject({ idp: 'oidc', sessionsEnded: 1, grantsEnded: 0 });
  });

  test('with sub ends every session of the person, and no other', async () => {
    const [second, bob, elsewhere] = [createHttpBrowser(), createHttpBrowser(), createHttpBrowser()];
    await signIn();
    await signIn(second, 'oidc', { sid: 's-2' });
    await signIn(bob, 'oidc', { sub: 'b-1', email: 'bob@corp.example' });
    await signIn(elsewhere, 'away');
    expect((await send({ sub: 'c-1' })).status).toBe(200);
    expect(await Promise.all([browser, second, bob, elsewhere].map(isSignedIn))).toEqual([false, false, true, true]);
    for (const each of [second, bob, elsewhere]) each.close();
  });

  test('with sid leaves the other sessions of the person', async () => {
    const second = createHttpBrowser();
    await signIn();
    await signIn(second, 'oidc', { sid: 's-2' });
    await send({ sub: 'c-1', sid: 's-2' });
    expect([await isSignedIn(), await isSignedIn(second)]).toEqual([true, false]);
    second.close();
  });

  test('for a person without a session is answered 200', async () => {
    expect((await send({ sub: 'nobody' })).status).toBe(200);
    expect(last('logout_requested')).toMatchObject({ sessionsEnded: 0 });
  });

  test('counts once', async () => {
    const claims = { sid: 's-1', jti: 'one' };
    expect((await send(claims)).status).toBe(200);
    await signIn();
    expect((await send(claims)).status).toBe(400);
    expect(last('logout_refused')).toMatchObject({ message: 'LogoutToken', reason: 'replay' });
    expect(await isSignedIn()).toBe(true);
  });

  test('keeps out an ID token of the session that it ended', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    expect((await send({ sid: 's-late' })).status).toBe(200);
    provider.fault = { claims: { sid: 's-late', iat: seconds - 5 } };
    expect((await browser.get(`${demo.brokerUrl}/login?idp=oidc`)).status).toBe(403);
    expect(last('sign_in_refused')).toMatchObject({ reason: 'expired' });
  });

  const now = () => Math.floor(Date.now() / 1000);
  const event = 'http://schemas.openid.net/event/backchannel-logout';
  const wrong: readonly [string, () => Record<string, unknown>, string, object?][] = [
    ['another issuer', () => ({ iss: 'https://evil.example' }), 'issuer'],
    ['another audience', () => ({ aud: 'somebody else' }), 'audience'],
    ['a nonce', () => ({ nonce: 'n' }), 'malformed'],
    ['no events', () => ({ events: undefined }), 'malformed'],
    ['another event', () => ({ events: { 'urn:x': {} } }), 'malformed'],
    ['an event that is no object', () => ({ events: { [event]: true } }), 'malformed'],
    ['neither sub nor sid', () => ({ sid: undefined }), 'subject'],
    ['a sub that is a number', () => ({ sub: 7 }), 'malformed'],
    ['no jti', () => ({ jti: undefined }), 'malformed'],
    ['no iat', () => ({ iat: undefined }), 'malformed'],
    ['an old iat', () => ({ iat: now() - 3600, exp: undefined }), 'expired'],
    ['an iat to come', () => ({ iat: now() + 3600 }), 'not_yet_valid'],
    ['an end in the past', () => ({ exp: now() - 600 }), 'expired'],
    ['the key of a stranger', () => ({}), 'signature', { foreignKey: true }],
    ['no signature', () => ({}), 'algorithm', { unsigned: true }],
    ['our secret as its key', () => ({}), 'algorithm', { hmac: client.clientSecret }],
    ['the type of another token', () => ({}), 'malformed', { typ: 'at+jwt' }],
  ];
  test.each([...wrong])('with %s is refused', async (_, claims, reason, fault) => {
    await signIn();
    const answer = await send({ sid: 's-1', ...claims() }, fault);
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }]);
    expect(last('logout_refused')).toMatchObject({
      idp: 'oidc',
      message: 'LogoutToken',
      code: 'logout_refused',
      reason,
    });
    expect(await isSignedIn()).toBe(true);
    expect((await send({ sid: 's-1' })).status).toBe(200);
    expect(await isSignedIn()).toBe(false);
  });

  test('that is not there, not a token or for nobody is refused', async () => {
    const url = `${demo.brokerUrl}/openid/backchannel-logout`;
    const post = (path: string, body: string) =>
      fetch(`${url}/${path}`, { method: 'POST', body: new URLSearchParams(body) });
    expect((await post('oidc', '')).status).toBe(400);
    expect((await post('oidc', 'logout_token=a&logout_token=b')).status).toBe(400);
    expect((await post('oidc', 'logout_token=a.b.c')).status).toBe(400);
    expect((await post('nobody', 'logout_token=a')).status).toBe(404);
  });
});
