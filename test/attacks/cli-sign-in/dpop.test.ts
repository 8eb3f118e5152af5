// Tokens of the command line that are bound to a key (RFC 9449), used by an attacker without the key, and proofs that
// were made for another request.
import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import type { Response } from 'supertest';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { createProofVerifier } from '../../../src/oauth/dpop.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createOneTimeStore } from '../../../src/store/one-time.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { type Browser, baseUrl, encode, type TestApp, useApp } from '../../http/support/app.ts';
import {
  createOAuthClient,
  createProof,
  decide,
  follow,
  openInBrowser,
  readConfirm,
  redirectUri,
} from '../../http/support/oauth.ts';
import { testStorage } from '../../store/support.ts';

const start = useApp();
let app: TestApp;
let alice: Browser;
let key: KeyObject;
beforeEach(async () => {
  await use((raw) => raw);
});

async function use(adjust: (raw: Raw) => Raw): Promise<void> {
  app = await start(adjust);
  alice = app.browser();
  await alice.signIn('alice');
  key = newKey();
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Claims by name; undefined leaves one out. */
type Claims = Readonly<Record<string, unknown>>;

async function proofOf(claims: Claims, signer = key, header: Claims = {}): Promise<string> {
  const { d: _, ...jwk } = signer.export({ format: 'jwk' }) as JWK;
  const iat = Math.floor(Date.now() / 1000);
  const all = { jti: randomUUID(), iat, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header }).sign(signer);
}

const { send } = { send: (...args: Parameters<Browser['send']>) => app.browser().send(...args) };

/** A form, with a proof that has the nonce that the server wants. */
async function post(path: string, fields: Readonly<Record<string, string>>, signer: KeyObject | null = key) {
  const attempt = async (nonce?: string) => {
    const dpop = signer && (await proofOf({ htm: 'POST', htu: baseUrl + path, nonce }, signer));
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...(dpop ? { DPoP: dpop } : {}) };
    return send('POST', path, { headers, body: encode({ client_id: 'rolegate-cli', ...fields }) });
  };
  const first = await attempt();
  return first.body.error === 'use_dpop_nonce' ? attempt(first.headers['dpop-nonce']) : first;
}

const refresh = (token: string, signer: KeyObject | null = key) =>
  post('/oauth/token', { grant_type: 'refresh_token', refresh_token: token }, signer);

/** @returns the answer of the token end point */
async function signIn(signer: KeyObject | null = key): Promise<Response> {
  const proof = createProof();
  const pushed = await post(
    '/oauth/par',
    {
      ...{ response_type: 'code', scope: 'aws', redirect_uri: redirectUri, state: proof.state },
      ...{ code_challenge: proof.challenge, code_challenge_method: 'S256' },
    },
    signer,
  );
  const path = await openInBrowser(alice, pushed);
  const { person } = await readConfirm(alice, path);
  const url = await follow(alice, await decide(alice, path, { decision: 'allow', person }));
  const fields = {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  };
  return post('/oauth/token', { ...fields, code_verifier: proof.verifier }, signer);
}

const me = '/api/v1/me';

async function nonceOfApi(token: string): Promise<string> {
  const headers = {
    Authorization: `DPoP ${token}`,
    DPoP: await proofOf({ htm: 'GET', htu: baseUrl + me, ath: hash(token) }),
  };
  const answer = await send('GET', me, { headers });
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([
    401,
    'DPoP error="use_dpop_nonce", algs="ES256"',
  ]);
  return String(answer.headers['dpop-nonce']);
}

const ask = (token: string, dpop: string | undefined, scheme = 'DPoP', path = me) =>
  send('GET', path, {
    headers: { Authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { DPoP: dpop }) },
  });

describe('with the key', () => {
  test('a sign-in works, and goes on', async () => {
    const { body } = await signIn();
    expect(body.token_type).toBe('DPoP');
    const nonce = await nonceOfApi(body.access_token);
    const right = (token: string) => proofOf({ htm: 'GET', htu: `${baseUrl}${me}`, ath: hash(token), nonce });
    expect((await ask(body.access_token, await right(body.access_token))).body.user).toBe('alice@corp.example');
    const next = await refresh(body.refresh_token);
    expect([next.status, next.body.token_type]).toEqual([200, 'DPoP']);
    expect((await ask(next.body.access_token, await right(next.body.access_token), 'dpop', `${me}?x=1`)).status).toBe(
      200,
    );
    expect(app.audit.lines().filter(({ event }) => event === 'token_refused')).toEqual([]);
  });

  test('whose clock is hours off, it works as well: nonces say when a proof was made', async () => {
    const { body } = await signIn();
    const nonce = await nonceOfApi(body.access_token);
    const claims = { htm: 'GET', htu: baseUrl + me, ath: hash(body.access_token), nonce };
    expect((await ask(body.access_token, await proofOf({ ...claims, iat: 86_400 }))).status).toBe(200);
  });
});

describe('a stolen refresh token', () => {
  test('is refused without the key, and the sign-in goes on', async () => {
    const { body } = await signIn();
    expect((await refresh(body.refresh_token, newKey())).body.error).toBe('invalid_grant');
    expect(
      (await post('/oauth/token', { grant_type: 'refresh_token', refresh_token: body.refresh_token }, null)).status,
    ).toBe(400);
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });
});

test('a stolen code is refused without the key that asked for it, verifier and all', async () => {
  const proof = createProof();
  const fields = { response_type: 'code', scope: 'aws', redirect_uri: redirectUri, state: proof.state };
  const pkce = { code_challenge: proof.challenge, code_challenge_method: 'S256' };
  const path = await openInBrowser(alice, await post('/oauth/par', { ...fields, ...pkce }));
  const { person } = await readConfirm(alice, path);
  const url = await follow(alice, await decide(alice, path, { decision: 'allow', person }));
  const code = {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  };
  for (const thief of [newKey(), null]) {
    expect((await post('/oauth/token', { ...code, code_verifier: proof.verifier }, thief)).body.error).toBe(
      'invalid_grant',
    );
  }
});

describe('a stolen access token', () => {
  test('opens nothing without a proof that fits', async () => {
    const token = (await signIn()).body.access_token as string;
    const nonce = await nonceOfApi(token);
    const right = { htm: 'GET', htu: baseUrl + me, ath: hash(token), nonce };
    const thief = newKey();
    const wrong: [string, string | undefined, string?][] = [
      ['as a Bearer token', undefined, 'Bearer'],
      ['as a Bearer token with a proof', await proofOf(right), 'Bearer'],
      ['without a proof', undefined],
      ['with an empty one', ''],
      ['with what is none', 'a.b.c'],
      ['signed by another key', await proofOf(right, thief)],
      [
        'signed by another key with the thumbprint of the right one',
        await proofOf(right, thief, { jwk: key.export({ format: 'jwk' }) }),
      ],
      ['for another method', await proofOf({ ...right, htm: 'POST' })],
      ['for another address', await proofOf({ ...right, htu: `${baseUrl}/api/v1/roles` })],
      ['for another host', await proofOf({ ...right, htu: `https://evil.example${me}` })],
      ['for another token', await proofOf({ ...right, ath: hash('other') })],
      ['for the token end point', await proofOf({ ...right, ath: undefined })],
      ['without an id', await proofOf({ ...right, jti: undefined })],
      ['with a nonce that was guessed', await proofOf({ ...right, nonce: hash('guess') })],
      ['without a nonce', await proofOf({ ...right, nonce: undefined })],
      ['of another type', await proofOf(right, key, { typ: 'JWT' })],
      ['twice', `${await proofOf(right)}, ${await proofOf(right)}`],
    ];
    for (const [name, dpop, scheme] of wrong)
      expect([name, (await ask(token, dpop, scheme)).status]).toEqual([name, 401]);
    expect((await ask(token, await proofOf(right))).status).toBe(200);
  });

  test('and a proof counts once, for a few minutes', async () => {
    const token = (await signIn()).body.access_token as string;
    const nonce = await nonceOfApi(token);
    const claims = { htm: 'GET', htu: baseUrl + me, ath: hash(token), nonce };
    const dpop = await proofOf(claims);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(token, dpop)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await ask(token, dpop)).status).toBe(401);
    app.clock.advance(6 * 60_000);
    const late = await ask(token, await proofOf(claims));
    expect(late.headers['www-authenticate']).toContain('use_dpop_nonce');
    const again = await proofOf({ ...claims, nonce: late.headers['dpop-nonce'] });
    expect((await ask(token, again)).status).toBe(200);
  });

  test('a Bearer token is not made more of by a proof', async () => {
    const client = createOAuthClient(app);
    const { body } = await signIn(null);
    expect(body.token_type).toBe('Bearer');
    expect((await client.get(me, body.access_token)).status).toBe(200);
    const dpop = await proofOf({ htm: 'GET', htu: baseUrl + me, ath: hash(body.access_token) });
    expect((await ask(body.access_token, dpop)).status).toBe(401);
  });
});

test('a proof for the token end point counts once there', async () => {
  const { body } = await signIn();
  const first = await post('/oauth/token', { grant_type: 'refresh_token', refresh_token: 'x' });
  expect(first.body.error).toBe('invalid_grant');
  const nonce = (
    await send('POST', '/oauth/token', {
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        DPoP: await proofOf({ htm: 'POST', htu: `${baseUrl}/oauth/token` }),
      },
      body: encode({ client_id: 'rolegate-cli', grant_type: 'refresh_token', refresh_token: 'x' }),
    })
  ).headers['dpop-nonce'];
  const dpop = await proofOf({ htm: 'POST', htu: `${baseUrl}/oauth/token`, nonce });
  const use = (token: string) =>
    send('POST', '/oauth/token', {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', DPoP: dpop },
      body: encode({ client_id: 'rolegate-cli', grant_type: 'refresh_token', refresh_token: token }),
    });
  const next = await use(body.refresh_token);
  expect(next.status).toBe(200);
  const replayed = await use(next.body.refresh_token);
  expect([replayed.status, replayed.body.error]).toEqual([400, 'invalid_grant']);
  // The replay has spent nothing.
  expect((await refresh(next.body.refresh_token)).status).toBe(200);
});

test('where keys are required, a version without them is told where to get the current one', async () => {
  const { body } = await signIn(null);
  const before = body.access_token;
  await use((raw) => ({ ...raw, commandLine: { requireDpop: true } }));
  const pushed = await createOAuthClient(app).push(createProof());
  expect([pushed.status, pushed.body.error_description]).toEqual([
    400,
    `this broker asks for a newer rolegate: get it at ${baseUrl}/cli`,
  ]);
  expect((await createOAuthClient(app).refresh('x')).body.error_description).toContain('/cli');
  expect((await createOAuthClient(app).get(me, before)).status).toBe(401);
  expect((await signIn()).body.token_type).toBe('DPoP');
});

test('two brokers on one Redis take the same nonces, and one proof once between them', async () => {
  const onRedis = (raw: Raw): Raw => ({
    ...raw,
    store: { type: 'redis', url: inject('redisUrl'), keyPrefix: `dpop-${process.pid}:` },
  });
  const second = await start(onRedis);
  await use(onRedis);
  const token = (await signIn()).body.access_token as string;
  const nonce = await nonceOfApi(token);
  const claims = { htm: 'GET', htu: baseUrl + me, ath: hash(token), nonce };
  const at = async (broker: TestApp, dpop: string) =>
    (await broker.browser().send('GET', me, { headers: { Authorization: `DPoP ${token}`, DPoP: dpop } })).status;
  expect(await at(second, await proofOf(claims))).toBe(200);
  const once = await proofOf(claims);
  expect((await Promise.all([at(app, once), at(second, once)])).sort()).toEqual([200, 401]);
});

test('a mark of a used proof lasts as long as a process with another clock takes the proof', async () => {
  const keyPrefix = `dpop-marks-${process.pid}:`;
  await use((raw) => ({ ...raw, store: { type: 'redis', url: inject('redisUrl'), keyPrefix } }));
  await signIn();
  const redis = new Redis(inject('redisUrl'));
  const [mark] = await redis.keys(`${keyPrefix}oauth-replaydetection*`);
  // Five steps of a minute, and clocks that are two minutes apart.
  expect(await redis.pttl(mark!)).toBeGreaterThan(7 * 60_000);
  redis.disconnect();
});

test('proofs of one key leave no more marks than a command line needs', async () => {
  const storage = testStorage(createMemoryStore(app.clock), app.clock);
  const usedProofs = createOneTimeStore('dpop-proof', z.never(), storage);
  const config = { baseUrl, session: { secrets: ['s'.repeat(32)] } } as never;
  const verifier = createProofVerifier({ ...storage, config, usedProofs });
  const verify = async (signer: KeyObject) => {
    const claims = { htm: 'GET', htu: baseUrl + me, ath: hash('token'), nonce: verifier.nonce() };
    const thumbprint = await calculateJwkThumbprint(signer.export({ format: 'jwk' }) as JWK);
    return verifier.verify({ proof: await proofOf(claims, signer), method: 'GET', path: me }, 'token', thumbprint);
  };
  for (let count = 0; count < 1200; count++) expect(await verify(key)).toBeUndefined();
  await expect(verify(key)).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await verify(newKey())).toBeUndefined();
  app.clock.advance(120_000);
  expect(await verify(key)).toBeUndefined();
});
