// What sign-ins that one browser begins leave in a real Redis: how many, and what their length says.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Browser, useApp } from '../../http/support/app.ts';
import { recordKey, sessionIdOf } from '../support/database.ts';

const createApp = useApp();
const keyPrefix = `pending-${process.pid}:`;
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
const pending = () => redis.keys(`${keyPrefix}login:*`);
const begin = async (browser: Browser, path: string) => {
  const before = new Set(await pending());
  expect((await browser.get(`/login?${new URLSearchParams({ return_to: path })}`)).status).toBe(303);
  return (await pending()).find((key) => !before.has(key))!;
};

test('of one browser fifty are kept, and the oldest goes', async () => {
  const app = await createApp(onRedis);
  const browser = app.browser();
  const keys: string[] = [];
  for (let count = 0; count < 60; count++) keys.push(await begin(browser, '/'));
  const kept = await pending();
  // The first came before the browser had its secret.
  expect(kept.length).toBeLessThanOrEqual(51);
  expect(kept).toEqual(expect.arrayContaining(keys.slice(-50)));
  expect(kept).not.toContain(keys[5]);
  const other = await begin(app.browser(), '/');
  await begin(browser, '/');
  expect(await pending()).toContain(other);
  expect((await browser.signIn('alice')).status).toBe(303);
});

test('the length of a record does not say how alike its address and the session beside it are', async () => {
  const alice = (await createApp(onRedis)).browser();
  await alice.signIn('alice');
  const handle = recordKey('session', sessionIdOf(alice.cookies)).slice('session:'.length);
  const lengthOf = async (guess: string) => redis.strlen(await begin(alice, `/console?role=${guess.repeat(3)}`));
  const right = await lengthOf(handle);
  for (let count = 0; count < 3; count++) expect(await lengthOf(randomBytes(32).toString('base64url'))).toBe(right);
});
