// What the command says when an OAuth end point does not do what was asked for: one line, and a broker that is down is not a refusal.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKey } from '../../../src/cli/sign-in/dpop-key.ts';
import { createOAuthClient, type OAuthClient } from '../../../src/cli/sign-in/oauth-client.ts';
import { createMachine } from '../support/machine.ts';

const machine = createMachine();
const reply = { status: 200, type: 'application/json', body: '', challenge: '' };
const server = createServer((_request, response) => {
  const challenge = reply.challenge === '' ? {} : { 'www-authenticate': reply.challenge };
  response.writeHead(reply.status, { 'content-type': reply.type, ...challenge }).end(reply.body);
});
let client: OAuthClient;
let host: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createOAuthClient(
    machine.context,
    {
      issuer: `http://${host}`,
      pushed_authorization_request_endpoint: `http://${host}/par`,
      token_endpoint: `http://${host}/token`,
      revocation_endpoint: `http://${host}/revoke`,
    },
    undefined,
  );
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  machine.remove();
});

function answer(status: number, body: unknown, more: Partial<typeof reply> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  Object.assign(reply, { status, body: text, type: 'application/json', challenge: '', ...more });
}

const tokens = { access_token: 'access', token_type: 'Bearer', expires_in: 600, refresh_token: 'fresh' };
const refresh = () => client.refresh('old', () => {});

test('tokens are handed on before anything else can go wrong', async () => {
  answer(200, tokens);
  const kept: unknown[] = [];
  const found = await client.refresh('old', (each) => kept.push(each));
  expect(kept).toEqual([found]);
  expect(found).toMatchObject({ accessToken: 'access', refreshToken: 'fresh' });
  expect(Date.parse(found!.accessTokenExpiresAt) - Date.now()).toBeGreaterThan(590_000);
});

test('invalid_grant is not an error: the sign-in has expired', async () => {
  answer(400, { error: 'invalid_grant', error_description: 'grant is invalid' });
  expect(await refresh()).toBeUndefined();
});

const { refresh_token: _, ...withoutRefreshToken } = tokens;
test.each<[string, number, unknown, string, RegExp, Partial<typeof reply>?]>([
  ['an error of OAuth', 400, { error: 'invalid_scope' }, 'failed', /refused: invalid_scope$/],
  [
    'a description with controls',
    400,
    { error: 'x', error_description: 'no\u001b[31m' },
    'failed',
    /refused: no�\[31m$/,
  ],
  ['an error without JSON', 404, '<html>', 'failed', /refused: status 404$/, { type: 'text/html' }],
  ['a challenge', 401, {}, 'failed', /refused: status 401$/, { challenge: 'Basic realm="x"' }],
  ['a proxy in front', 502, '<html>', 'network', /cannot answer now \(status 502\): try again$/, { type: 'text/html' }],
  ['an overload', 503, { error: 'temporarily_unavailable' }, 'network', /cannot answer now \(status 503\)/],
  ['no JSON', 200, 'hello', 'failed', /answered against OAuth: .*JSON/],
  ['no access token', 200, { ...tokens, access_token: 7 }, 'failed', /answered against OAuth: .*"access_token"/],
  ['tokens of another kind', 200, { ...tokens, token_type: 'mac' }, 'failed', /answered against OAuth: .*token_type/],
  ['no refresh token', 200, withoutRefreshToken, 'failed', /without expires_in or refresh_token$/],
])('%s', async (_name, status, body, exit, message, more) => {
  answer(status, body, more);
  const expected = { exit, message: expect.stringMatching(message) };
  await expect(refresh()).rejects.toMatchObject(expected);
  await expect(refresh()).rejects.toMatchObject({ message: expect.stringContaining(host) });
});

test('a pushed request and a revocation are refused in the same words', async () => {
  answer(400, { error: 'invalid_request', error_description: 'device_host is too long' });
  const expected = { exit: 'failed', message: `${host} refused: device_host is too long` };
  await expect(client.push({ response_type: 'code' })).rejects.toMatchObject(expected);
  await expect(client.revoke('old')).rejects.toMatchObject(expected);
});

test('a nonce that has expired is replaced by the one of the refusal, once', async () => {
  const key = await generateKey();
  const nonces: unknown[] = [];
  let current = 'first';
  const judge = createServer((request, response) => {
    const { nonce } = decodeJwt(request.headers['dpop'] as string);
    nonces.push(nonce);
    const isCurrent = nonce === current;
    const headers = { 'content-type': 'application/json', 'dpop-nonce': current };
    const body = isCurrent ? { ...tokens, token_type: 'DPoP' } : { error: 'use_dpop_nonce' };
    response.writeHead(isCurrent ? 200 : 400, headers).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => judge.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(judge.address() as AddressInfo).port}`;
  const proving = createOAuthClient(machine.context, { issuer, token_endpoint: `${issuer}/token` }, key);
  await proving.refresh('old', () => {});
  expect(nonces.splice(0)).toEqual([undefined, 'first']);
  current = 'second';
  expect(await proving.refresh('old', () => {})).toMatchObject({ accessToken: 'access' });
  expect(nonces.splice(0)).toEqual(['first', 'second']);
  // One that no nonce satisfies is not asked for ever.
  judge.removeAllListeners('request').on('request', (request, response) => {
    nonces.push(decodeJwt(request.headers['dpop'] as string)['nonce']);
    const headers = { 'content-type': 'application/json', 'dpop-nonce': `other-${nonces.length}` };
    response.writeHead(400, headers).end('{"error":"use_dpop_nonce"}');
  });
  await expect(proving.refresh('old', () => {})).rejects.toMatchObject({ exit: 'failed' });
  expect(nonces).toEqual(['second', 'other-1']);
  await new Promise((resolve) => judge.close(resolve));
});
