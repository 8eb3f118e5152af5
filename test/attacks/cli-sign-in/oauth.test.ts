// Sign-in of the command line, attacked: where answers go, what a Bearer token reaches, floods, and what logs contain.
import { beforeEach, describe, expect, test } from 'vitest';
import { encode, type TestApp, useApp } from '../../http/support/app.ts';
import {
  authorize,
  createOAuthClient,
  createProof,
  decide,
  follow,
  type OAuthClient,
  openInBrowser,
  readConfirm,
  signInCommandLine,
} from '../../http/support/oauth.ts';

const start = useApp();
let app: TestApp;
let client: OAuthClient;

beforeEach(async () => {
  app = await start();
  client = createOAuthClient(app);
});

const signedIn = async (name = 'alice') => {
  const browser = app.browser();
  await browser.signIn(name);
  return browser;
};
const codeOf = (url: URL) => url.searchParams.get('code') ?? '';
const tokenOf = async (name: string) => (await signInCommandLine(client, await signedIn(name))).body.access_token;

describe('an answer goes to this machine or is not sent', () => {
  const tricks = [
    'http://127.0.0.1:1\\@evil.example/callback',
    'http://127.0.0.1:1@evil.example/callback',
    'http://user@127.0.0.1:1/callback',
    'http://user:127.0.0.1@127.0.0.1:1/callback',
    'http://[::1]:1@evil.example/callback',
    'http://[::1].evil.example/callback',
    'http://[::ffff:127.0.0.1]:1/callback',
    'http://[::]:1/callback',
    'http://0.0.0.0:1/callback',
    'http://127.0.0.2:1/callback',
    'http://0x7f000001:1/callback',
    'http://127.1:1/callback',
    'http://2130706433:1/callback',
    'http://127.0.0.1.:1/callback',
    'http://１２７.0.0.1:1/callback',
    'HTTP://127.0.0.1:1/callback',
    'http:127.0.0.1:1/callback',
    'http:/127.0.0.1:1/callback',
    '//127.0.0.1:1/callback',
    'https://127.0.0.1:1/callback',
    'http://127.0.0.1:1/callback?next=https://evil.example',
    'http://127.0.0.1:1/callback#f',
    'http://127.0.0.1:1/callback;x',
    'http://127.0.0.1:1/callback/../evil',
    'http://127.0.0.1:1/x/../callback',
    'http://127.0.0.1:1/%63allback',
    'http://127.0.0.1:1//evil.example/callback',
    'http://127.0.0.1:1/call\tback',
    'http://127.0.0.1:1/callback\r\nX-Evil: 1',
    'http://127.0.0.1:99999/callback',
    'javascript://127.0.0.1/callback',
    'com.evil.app:/callback',
  ];

  test('however its address is written', async () => {
    const browser = await signedIn();
    for (const redirect_uri of tricks) {
      const pushed = await client.push(createProof(), { redirect_uri });
      if (pushed.status === 400) continue;
      expect([redirect_uri, pushed.status]).toEqual([redirect_uri, 201]);
      const path = await openInBrowser(browser, pushed);
      const { person } = await readConfirm(browser, path);
      const there = await follow(browser, await decide(browser, path, { decision: 'allow', person }));
      expect([redirect_uri, there.protocol, there.hostname, there.pathname]).toEqual([
        redirect_uri,
        'http:',
        '127.0.0.1',
        '/callback',
      ]);
    }
  });

  test('and in no other way than by a redirect', async () => {
    expect((await client.push(createProof(), { response_mode: 'query' })).status).toBe(201);
    for (const response_mode of ['form_post', 'fragment', 'web_message', 'query.jwt']) {
      expect([response_mode, (await client.push(createProof(), { response_mode })).status]).toEqual([
        response_mode,
        400,
      ]);
    }
  });
});

describe('a Bearer token', () => {
  test('counts, and not the cookie beside it; whose it is says it alone', async () => {
    const alice = await signedIn('alice');
    const token = await tokenOf('bob');
    const ask = async (Authorization: string) => {
      const answer = await alice.send('GET', '/api/v1/me', { headers: { Authorization } });
      return [answer.status, answer.body.user, answer.headers['set-cookie']];
    };
    expect(await ask(`Bearer ${token}`)).toEqual([200, 'bob@corp.example', undefined]);
    expect(await ask(`bEARER ${token}`)).toEqual([200, 'bob@corp.example', undefined]);
    // An invalid Bearer token does not make the broker fall back to the cookie.
    for (const wrong of ['Bearer', 'Bearer ', 'Bearer x', `Bearer  ${token}`, `Bearer ${token}x`]) {
      expect([wrong, ...(await ask(wrong))]).toEqual([wrong, 401, undefined, undefined]);
    }
  });

  test('takes the place of our Origin only where it is what counts', async () => {
    const alice = await signedIn('alice');
    const token = await tokenOf('alice');
    const headers = { Origin: 'https://evil.example', 'Content-Type': 'application/json' };
    const put = async (more: Record<string, string>) =>
      (
        await alice.send('PUT', '/api/v1/preferences/favourites', {
          headers: { ...headers, ...more },
          body: '{"favourites":[]}',
        })
      ).status;
    expect(await put({ Authorization: `Bearer ${token}` })).toBe(200);
    expect(await put({})).toBe(403);
    expect(await put({ Authorization: 'Basic YTpi' })).toBe(403);
    expect(await put({ Authorization: `Token ${token}` })).toBe(403);
    await client.post('/oauth/revoke', { token });
    expect(await put({ Authorization: `Bearer ${token}` })).toBe(401);
  });

  test('opens no page, no form and no sign-in, in no spelling of their path', async () => {
    const token = await tokenOf('alice');
    const { send } = app.browser();
    const headers = { Authorization: `Bearer ${token}`, Origin: 'http://127.0.0.1:8080', Accept: 'text/html' };
    const pages = ['/', '/command-line', '/console?role=payments-dev/Developer', '/credentials', '/why', '/options'];
    for (const path of [...pages, '/api/v1/../../command-line', '//command-line']) {
      const { status, headers: got, text } = await send('GET', path, { headers });
      expect([path, status, got['set-cookie']?.includes('rolegate=')]).not.toEqual([path, 200, expect.anything()]);
      expect([path, text]).not.toEqual([path, expect.stringContaining('alice@corp.example')]);
    }
    for (const path of ['/portal/credentials', '/portal/console', '/portal/command-line']) {
      const { status } = await send('POST', path, { headers, body: '' });
      expect([path, status]).toEqual([path, expect.toSatisfy((code: number) => code >= 300)]);
    }
    const path = await openInBrowser(app.browser(), await client.push(createProof()));
    expect((await send('GET', path, { headers })).status).toBe(400);
    // Only the exact prefix is the API: other spellings of the path accept no token.
    expect((await send('GET', '/API/v1/me', { headers })).status).toBe(401);
  });

  test('nothing is kept by caches, and other origins are told nothing', async () => {
    const browser = await signedIn();
    const first = await signInCommandLine(client, browser);
    const { send } = app.browser();
    const headers = { Authorization: `Bearer ${first.body.access_token}`, Origin: 'https://evil.example' };
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    const refresh = { client_id: 'rolegate-cli', grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    const answers = [
      await send('GET', '/api/v1/me', { headers }),
      await send('GET', '/.well-known/oauth-authorization-server', { headers }),
      await send('OPTIONS', '/oauth/token', { headers: { ...headers, 'Access-Control-Request-Method': 'POST' } }),
      await send('OPTIONS', '/api/v1/me', { headers: { ...headers, 'Access-Control-Request-Method': 'GET' } }),
      await send('POST', '/oauth/token', { headers: form, body: encode(refresh) }),
    ];
    for (const { headers: got } of answers) {
      expect(Object.keys(got).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(got['cache-control']).toBe('no-store');
    }
  });
});

describe('the page that asks', () => {
  test('shows where a request came from, and not where it says it did', async () => {
    const browser = await signedIn();
    const forged = { 'X-Forwarded-For': '198.51.100.7', Forwarded: 'for=198.51.100.7', 'X-Real-IP': '198.51.100.7' };
    const path = await openInBrowser(browser, await client.push(createProof(), {}, forged));
    const { html } = await readConfirm(browser, path);
    expect(html).toContain('127.0.0.1');
    expect(html).not.toContain('198.51.100.7');
  });

  test('is answered once: of two clicks one command line is signed in, and a refusal is final', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const path = await openInBrowser(browser, await client.push(proof));
    const { person } = await readConfirm(browser, path);
    const pages = await Promise.all([1, 2, 3].map(() => decide(browser, path, { decision: 'allow', person })));
    const urls = await Promise.all(pages.filter(({ status }) => status === 200).map((page) => follow(browser, page)));
    const codes = new Set(urls.map(codeOf).filter(Boolean));
    expect(codes.size).toBe(1);
    expect((await client.redeem([...codes][0] ?? '', proof)).status).toBe(200);
    app.clock.advance(120_000);
    const { text } = await browser.get('/command-line', { Accept: 'text/html' });
    expect(text.split('name="grant"').length - 1).toBe(1);
    expect((await decide(browser, path, { decision: 'allow', person })).status).toBe(400);

    const other = await openInBrowser(browser, await client.push(createProof()));
    await decide(browser, other, { decision: 'not_me', person });
    expect((await decide(browser, other, { decision: 'allow', person })).status).toBe(400);
  });
});

describe('floods and traces', () => {
  const limited = (burst: number) => (raw: Record<string, unknown>) => ({
    ...raw,
    limits: { signIn: { perMinute: burst, burst } },
    listen: { port: 8080, trustProxy: ['loopback'] },
  });

  test('one pushed request is not opened again and again, and others still sign in', async () => {
    app = await start(limited(50));
    client = createOAuthClient(app);
    const pushed = await client.push(createProof(), {}, { 'X-Forwarded-For': '192.0.2.1' });
    const query = encode({ client_id: 'rolegate-cli', request_uri: pushed.body.request_uri });
    const open = async (address: string) =>
      (await app.browser().get(`/oauth/authorize?${query}`, { 'X-Forwarded-For': address })).status;
    const statuses: number[] = [];
    for (let count = 0; count < 12; count++) statuses.push(await open('192.0.2.1'));
    expect([statuses.slice(0, 9), statuses.at(-1)]).toEqual([Array(9).fill(303), 429]);
    expect(await open('192.0.2.2')).toBe(303);
    // Continuing makes a record as well, also for a browser that brings a cookie of another path.
    const next = await app.browser().get('/oauth/authorize/x', { 'X-Forwarded-For': '192.0.2.1' });
    expect(next.status).toBe(429);
    const push = () => client.push(createProof(), {}, { 'X-Forwarded-For': '192.0.2.1' });
    expect((await push()).status).toBe(429);
  });

  test('one address fills neither the audit trail nor the store by pushing and guessing', async () => {
    app = await start(limited(20));
    client = createOAuthClient(app);
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    const guess = () => client.post('/oauth/token', { grant_type: 'refresh_token', refresh_token: 'guess' }, headers);
    const statuses: number[] = [];
    for (let count = 0; count < 30; count++) statuses.push((await guess()).status);
    expect([statuses[0], statuses[19], statuses[20], statuses[29]]).toEqual([400, 400, 429, 429]);
    expect(app.audit.lines().filter(({ event }) => event === 'token_refused')).toHaveLength(1);
    expect(app.audit.lines()).toHaveLength(2);
  });

  test('what names a sign-in under way is in no log: it is the key to its record', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const pushed = await client.push(proof);
    const path = await openInBrowser(browser, pushed);
    const { person } = await readConfirm(browser, path);
    await follow(browser, await decide(browser, path, { decision: 'allow', person }));
    await decide(browser, path, { decision: 'allow', person });
    const uid = path.split('/').at(-1) ?? '-';
    const requestId = String(pushed.body.request_uri).split(':').at(-1) ?? '-';
    for (const secret of [uid, requestId, proof.state, ...[...browser.cookies.values()].filter(Boolean)]) {
      expect(secret.length).toBeGreaterThan(15);
      expect(app.log.text() + app.audit.text()).not.toContain(secret);
    }
    expect(app.log.text()).toContain('/oauth/confirm/');
  });

  test('a whole sign-in still works', async () => {
    const proof = createProof();
    const code = codeOf(await authorize(client, await signedIn(), proof));
    expect((await client.redeem(code, proof)).status).toBe(200);
  });
});
