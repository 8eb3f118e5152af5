// Sign-in on the command line: everything that must not work, each beside the twin that does.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { encode, type TestApp, useApp } from '../support/app.ts';
import {
  authorize,
  createOAuthClient,
  createProof,
  decide,
  type Fields,
  follow,
  type OAuthClient,
  openInBrowser,
  readConfirm,
  redirectUri,
  signInCommandLine,
} from '../support/oauth.ts';

const start = useApp();
const minute = 60_000;
let app: TestApp;
let client: OAuthClient;

beforeEach(async () => {
  app = await start();
  client = createOAuthClient(app);
});

const signedIn = async () => {
  const browser = app.browser();
  await browser.signIn('alice');
  return browser;
};
const codeOf = (url: URL) => url.searchParams.get('code') ?? '';

describe('the pushed request', () => {
  const cases: { name: string; fields: Fields; status: number; error?: string }[] = [
    { name: 'IPv4 loopback', fields: {}, status: 201 },
    { name: 'IPv6 loopback', fields: { redirect_uri: 'http://[::1]:4711/callback' }, status: 201 },
    { name: 'the page for copying', fields: { redirect_uri: 'http://127.0.0.1:8080/oauth/remote' }, status: 201 },
    { name: 'localhost', fields: { redirect_uri: 'http://localhost:4711/callback' }, status: 400 },
    { name: 'another path', fields: { redirect_uri: 'http://127.0.0.1:4711/callback/x' }, status: 400 },
    { name: 'another host', fields: { redirect_uri: 'https://evil.example/callback' }, status: 400 },
    {
      name: 'a name that begins like loopback',
      fields: { redirect_uri: 'http://127.0.0.1.evil.example/callback' },
      status: 400,
    },
    {
      name: 'credentials in the address',
      fields: { redirect_uri: 'http://127.0.0.1@evil.example/callback' },
      status: 400,
    },
    {
      name: 'the plain method [RFC 7636 §4.2]',
      fields: { code_challenge_method: 'plain' },
      status: 400,
      error: 'invalid_request',
    },
    { name: 'no challenge', fields: { code_challenge: '' }, status: 400, error: 'invalid_request' },
    { name: 'another client', fields: { client_id: 'other' }, status: 401, error: 'invalid_client' },
    { name: 'the openid scope', fields: { scope: 'openid aws' }, status: 400, error: 'invalid_scope' },
    { name: 'a token in the address', fields: { response_type: 'token' }, status: 400 },
    {
      name: 'a host name that turns the text around',
      fields: { device_host: 'a\u202eb' },
      status: 400,
      error: 'invalid_request',
    },
    {
      name: 'a host name of 81 characters',
      fields: { device_host: 'a'.repeat(81) },
      status: 400,
      error: 'invalid_request',
    },
    { name: 'more than 8 KB', fields: { nonce: 'a'.repeat(9000) }, status: 413 },
  ];
  test('is taken or refused by each of its parts', async () => {
    for (const { name, fields, status, error } of cases) {
      const { status: got, body } = await client.push(createProof(), fields);
      expect({ name, status: got, error: error && body.error }).toEqual({ name, status, error });
    }
  });

  test('in chunks, as a proxy passes it on, is refused as JSON', async () => {
    const server = createServer(app.broker.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const headers = { host: '127.0.0.1:8080', 'content-type': 'application/x-www-form-urlencoded' };
      for (const [path, more] of [
        ['/oauth/par', {}],
        ['/oauth/token', { accept: '*/*' }],
      ] as const) {
        const sent = request({
          ...{ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'POST', path },
          headers: { ...headers, ...more, 'transfer-encoding': 'chunked' },
        });
        sent.end('a=b');
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([413, { error: 'invalid_request' }]);
      }
    } finally {
      server.close();
    }
  });

  test('cannot be left out', async () => {
    const browser = await signedIn();
    const { challenge } = createProof();
    const query = { client_id: 'rolegate-cli', response_type: 'code', scope: 'aws', redirect_uri: redirectUri };
    const plain = encode({ ...query, code_challenge: challenge, code_challenge_method: 'S256' });
    const { headers } = await browser.get(`/oauth/authorize?${plain}`, { Accept: 'text/html' });
    expect(headers['location']).toMatch(/^http:\/\/127\.0\.0\.1:50123\/callback\?error=invalid_request/);
  });

  test('counts once', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const pushed = await client.push(proof);
    const finish = async () => {
      const path = await openInBrowser(browser, pushed);
      if (!path.startsWith('/oauth/confirm/')) return new URL('about:blank');

      const { person } = await readConfirm(browser, path);
      return follow(browser, await decide(browser, path, { decision: 'allow', person }));
    };
    expect(codeOf(await finish())).not.toBe('');
    expect(codeOf(await finish())).toBe('');
  });

  test('is not answered under a forged host', async () => {
    const { send } = app.browser();
    const get = (headers: Fields) => send('GET', '/.well-known/oauth-authorization-server', { headers });
    const [plain, forwarded] = [await get({}), await get({ 'X-Forwarded-Host': 'evil.example' })];
    expect(forwarded.body).toEqual(plain.body);
    expect((await get({ Host: 'evil.example' })).status).toBe(421);
    const proof = createProof();
    const pushed = await client.push(proof, {}, { 'X-Forwarded-Host': 'evil.example' });
    const query = encode({ client_id: 'rolegate-cli', request_uri: pushed.body.request_uri });
    const headers = { 'X-Forwarded-Host': 'evil.example' };
    const opened = await send('GET', `/oauth/authorize?${query}`, { headers });
    expect(JSON.stringify(opened.headers)).not.toContain('evil');
  });
});

describe('the code', () => {
  test('is worth nothing with another verifier, another redirect, or after a minute', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const code = codeOf(await authorize(client, browser, proof));
    expect((await client.redeem(code, createProof())).body.error).toBe('invalid_grant');
    expect((await client.redeem(code, proof, { redirect_uri: 'http://127.0.0.1:50124/callback' })).body.error).toBe(
      'invalid_grant',
    );
    expect((await client.redeem(code, proof, { code_verifier: '' })).body.error).toMatch(/^invalid_/);
    expect((await client.redeem(code, proof)).status).toBe(200);
    const late = codeOf(await authorize(client, browser, proof));
    app.clock.advance(minute);
    expect((await client.redeem(late, proof)).body.error).toBe('invalid_grant');
    const inTime = codeOf(await authorize(client, browser, proof));
    app.clock.advance(minute - 1000);
    expect((await client.redeem(inTime, proof)).status).toBe(200);
  });

  test('counts once, and a second use ends what the first one got [RFC 6749 §4.1.2]', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const code = codeOf(await authorize(client, browser, proof));
    const first = await client.redeem(code, proof);
    expect((await client.get('/api/v1/me', first.body.access_token)).status).toBe(200);
    expect((await client.redeem(code, proof)).body.error).toBe('invalid_grant');
    expect((await client.get('/api/v1/me', first.body.access_token)).status).toBe(401);
    expect((await client.refresh(first.body.refresh_token)).body.error).toBe('invalid_grant');
    expect(app.audit.lines().filter(({ event }) => event === 'grant_ended')).toMatchObject([{ reason: 'reuse' }]);
  });
});

describe('tokens', () => {
  test('a refresh token that was used ends its family [RFC 9700 §4.14.2]', async () => {
    const first = await signInCommandLine(client, await signedIn());
    const second = await client.refresh(first.body.refresh_token);
    expect((await client.refresh(first.body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await client.refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await client.get('/api/v1/me', second.body.access_token)).status).toBe(401);
  });

  test('an access token lasts ten minutes, a refresh as long as the sign-in; idle time does not count', async () => {
    const browser = await signedIn();
    const first = await signInCommandLine(client, browser);
    app.clock.advance(10 * minute - 1000);
    expect((await client.get('/api/v1/me', first.body.access_token)).status).toBe(200);
    app.clock.advance(1000);
    const over = await client.get('/api/v1/me', first.body.access_token);
    expect(over.status).toBe(401);
    expect(over.headers['www-authenticate']).toContain('invalid_token');
    app.clock.advance(app.config.session.idleTimeoutMs);
    const second = await client.refresh(first.body.refresh_token);
    expect(second.status).toBe(200);
    const { expiresAt } = (await client.get('/api/v1/me', second.body.access_token)).body;
    app.clock.set(new Date(expiresAt));
    expect((await client.get('/api/v1/me', second.body.access_token)).status).toBe(401);
    expect((await client.refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
  });

  test('revoking either token ends the sign-in, and introspection says so', async () => {
    const browser = await signedIn();
    for (const kind of ['access_token', 'refresh_token']) {
      const { body } = await signInCommandLine(client, browser);
      const introspect = async () => (await client.post('/oauth/introspect', { token: body.access_token })).body;
      expect(await introspect()).toMatchObject({ active: true, scope: 'aws' });
      expect((await client.post('/oauth/revoke', { token: body[kind] })).status).toBe(200);
      expect(await introspect()).toEqual({ active: false });
      expect((await client.get('/api/v1/me', body.access_token)).status).toBe(401);
      expect((await client.refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    }
    expect((await client.post('/oauth/revoke', { token: 'never ours' })).status).toBe(200);
  });

  test('open nothing but the JSON API, and need no Origin there', async () => {
    const { body } = await signInCommandLine(client, await signedIn());
    const { send } = app.browser();
    const Authorization = `Bearer ${body.access_token}`;
    const put = { body: { favourites: [] }, headers: { Authorization } };
    expect((await send('PUT', '/api/v1/preferences/favourites', put)).status).toBe(200);
    expect((await send('PUT', '/api/v1/preferences/favourites', { body: { favourites: [] } })).status).toBe(403);
    expect((await send('GET', '/', { headers: { Authorization } })).status).not.toBe(200);
    for (const wrong of ['Bearer', 'Bearer x', `Bearer ${body.refresh_token}`]) {
      const answer = await send('GET', '/api/v1/me', { headers: { Authorization: wrong } });
      expect(answer.status).toBe(401);
    }
    // RFC 6750 §2.3: never in an address.
    expect((await send('GET', `/api/v1/me?access_token=${body.access_token}`)).status).toBe(401);
  });

  test('are in no log and in no audit record', async () => {
    const browser = await signedIn();
    const proof = createProof();
    const code = codeOf(await authorize(client, browser, proof));
    const { body } = await client.redeem(code, proof);
    await client.get('/api/v1/me', body.access_token);
    for (const secret of [code, proof.verifier, body.access_token, body.refresh_token]) {
      expect(app.log.text() + app.audit.text()).not.toContain(secret);
    }
  });
});

describe('by configuration', () => {
  test('the code for copying can be forbidden', async () => {
    app = await start((raw) => ({ ...raw, commandLine: { remoteLogin: false } }));
    client = createOAuthClient(app);
    const refused = await client.push(createProof(), { redirect_uri: 'http://127.0.0.1:8080/oauth/remote' });
    expect(refused.status).toBe(400);
    expect((await client.push(createProof())).status).toBe(201);
    expect((await app.browser().get('/oauth/remote?code=x&state=y')).status).toBe(404);
    const { body } = await app.browser().get('/.well-known/oauth-authorization-server');
    expect(body.rolegate.remoteLogin).toBe(false);
  });

  test('there can be none at all', async () => {
    app = await start((raw) => ({ ...raw, commandLine: { enabled: false } }));
    for (const path of ['/.well-known/oauth-authorization-server', '/oauth/authorize', '/oauth/confirm/x']) {
      expect((await app.browser().get(path)).status).toBe(404);
    }
  });

  test('nothing of OpenID Connect is served', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/oauth/jwks', '/me', '/session/end']) {
      expect((await app.browser().get(path)).status).toBe(404);
    }
  });
});
