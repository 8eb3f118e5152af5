// Two brokers on one Redis: what counts once counts once across both, and a thief of the database gets nothing.
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Raw } from '../../config/support/workplace.ts';
import { type TestApp, useApp } from '../support/app.ts';
import { authorize, createOAuthClient, createProof, signInCommandLine } from '../support/oauth.ts';

const start = useApp();
const keyPrefix = `oauth-${process.pid}:`;
let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis?.disconnect());

const onRedis = (raw: Raw): Raw => ({ ...raw, store: { type: 'redis', url: inject('redisUrl'), keyPrefix } });
const fifty = Array.from({ length: 50 }, (_, index) => index);

async function two() {
  const apps: [TestApp, TestApp] = [await start(onRedis), await start(onRedis)];
  const browser = apps[0].browser();
  await browser.signIn('alice');
  const clients = apps.map(createOAuthClient) as [
    ReturnType<typeof createOAuthClient>,
    ReturnType<typeof createOAuthClient>,
  ];
  return { browser, clients, any: (index: number) => clients[index % 2]! };
}

test('of 50 redemptions of one code and 50 refreshes with one token one succeeds; then the family is over', async () => {
  const { browser, clients, any } = await two();
  const proof = createProof();
  const code = (await authorize(clients[0], browser, proof)).searchParams.get('code') ?? '';
  const redeemed = await Promise.all(fifty.map((index) => any(index).redeem(code, proof)));
  const first = redeemed.filter(({ status }) => status === 200);
  expect(first).toHaveLength(1);
  const others = redeemed.filter(({ status }) => status !== 200);
  expect(new Set(others.map(({ body }) => body.error))).toEqual(new Set(['invalid_grant']));
  expect((await clients[1].get('/api/v1/me', first[0]!.body.access_token)).status).toBe(401);

  const { body } = await signInCommandLine(clients[0], browser);
  expect((await clients[1].get('/api/v1/me', body.access_token)).status).toBe(200);
  const refreshed = await Promise.all(fifty.map((index) => any(index).refresh(body.refresh_token)));
  const second = refreshed.filter(({ status }) => status === 200);
  expect(second).toHaveLength(1);
  expect((await clients[1].refresh(second[0]!.body.refresh_token)).body.error).toBe('invalid_grant');
});

test('a dump of the database contains no names and no usable token', async () => {
  const { browser, clients } = await two();
  const proof = createProof();
  const code = (await authorize(clients[0], browser, proof)).searchParams.get('code') ?? '';
  const { body } = await clients[0].redeem(code, proof);
  const dump: string[] = [];
  for (const key of await redis.keys(`${keyPrefix}*`)) {
    const isIndex = (await redis.type(key)) === 'zset';
    const value = isIndex ? Buffer.from((await redis.zrange(key, '0', '-1')).join()) : await redis.getBuffer(key);
    expect(await redis.pttl(key)).toBeGreaterThan(0);
    dump.push(key, value?.toString('latin1') ?? '', value?.toString('hex') ?? '');
  }
  const text = dump.join('\n');
  expect(text).toContain('oauth-refreshtoken:');
  const secrets = [code, proof.verifier, proof.challenge, proof.state, body.access_token, body.refresh_token];
  for (const secret of [...secrets, 'alice', 'Engineers', 'alice-laptop', 'Linux 6.8', '127.0.0.1']) {
    const bytes = Buffer.from(secret);
    for (const form of [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')]) {
      expect(text).not.toContain(form);
    }
  }
});
