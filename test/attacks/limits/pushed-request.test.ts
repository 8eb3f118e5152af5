// What an unauthenticated client can leave in the store by one request: in a real Redis, with the longest values.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { useApp } from '../../http/support/app.ts';
import { createOAuthClient, createProof } from '../../http/support/oauth.ts';

const createApp = useApp();
const keyPrefix = `pushed-${process.pid}:`;
let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

const onRedis = (raw: Record<string, unknown>) => ({
  ...raw,
  store: { type: 'redis', url: inject('redisUrl'), keyPrefix },
  limits: { signIn: { perMinute: 0 } },
});

/** Bytes of all keys, with what Redis needs around them. */
async function storedBytes(): Promise<number> {
  const keys = await redis.keys(`${keyPrefix}*`);
  const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key)));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** Text that does not shrink. */
const noise = (length: number) => randomBytes(length).toString('base64url').slice(0, length);
const longest = { state: noise(128), device_host: noise(60), device_os: noise(15), device_user: noise(15) };

describe('one request without an account leaves at most 1 KB in the store', () => {
  test('a pushed request with the longest values, and the page it leads to', async () => {
    const app = await createApp(onRedis);
    const client = createOAuthClient(app);
    const before = await storedBytes();
    const role = `arn:aws:iam::111122223333:role/${noise(40)}`;
    const pushed = await client.push(createProof(), { ...longest, step_up_role: role });
    expect(pushed.status).toBe(201);
    const after = await storedBytes();
    expect(after - before).toBeLessThanOrEqual(1024);
    expect(after - before).toBeGreaterThan(400);
    const query = new URLSearchParams({ client_id: 'rolegate-cli', request_uri: pushed.body.request_uri });
    expect((await app.browser().get(`/oauth/authorize?${query}`)).status).toBe(303);
    expect((await storedBytes()) - after).toBeLessThanOrEqual(1024);
  });

  test.each([
    ['', 0],
    ['a long address to come back to', 1],
  ])('a sign-in that begins%s', async (_, isLong) => {
    const app = await createApp(onRedis);
    const before = await storedBytes();
    const path = `/console?destination=${noise(isLong * 1900)}`;
    const login = await app.browser().get(`/login?${new URLSearchParams({ return_to: path })}`);
    expect(login.status).toBe(303);
    expect((await storedBytes()) - before).toBeLessThanOrEqual(700);
  });
});

describe('a pushed request is refused', () => {
  test.each([
    ['with a long state', { state: 'x'.repeat(129) }],
    ['with a challenge that is not a SHA-256', { code_challenge: 'x'.repeat(44) }],
    ['with a long redirect', { redirect_uri: `http://127.0.0.1:1/callback?${'x'.repeat(300)}` }],
    ['with a role that is not an ARN', { step_up_role: 'x' }],
    ['with a parameter that nobody reads', { anything: 'x' }],
    ['with a claim in a parameter that the library reads', { login_hint: 'x'.repeat(100) }],
    [
      'with everything at its longest, in letters of three bytes',
      { ...longest, device_host: '한'.repeat(80), device_os: '글'.repeat(80), device_user: '자'.repeat(80) },
    ],
  ])('%s', async (_, change) => {
    const client = createOAuthClient(await createApp());
    expect(
      (
        await client.push(createProof(), {
          step_up_role: `arn:aws:iam::111122223333:role/${'r'.repeat(64)}`,
          ...change,
        })
      ).status,
    ).toBe(400);
    // Its twin.
    expect((await client.push(createProof())).status).toBe(201);
  });
});
