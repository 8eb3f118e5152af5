import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { freePort } from '../support/ports.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';
import { keyValueConformance } from './conformance.ts';

const nothing: Omit<RedisSettings, 'keyPrefix'> = {
  url: undefined,
  sentinels: undefined,
  cluster: undefined,
  username: undefined,
  password: undefined,
  ca: undefined,
  tls: false,
};
const value = Buffer.from('value');
const hour = 3_600_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The limits of the store are below three seconds; the rest is for a busy machine. */
const inTime = 15_000;

function connect(settings: Partial<RedisSettings>): KeyValue & { readonly errors: Error[] } {
  const errors: Error[] = [];
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;
  const store = createRedisStore({ ...nothing, keyPrefix, ...settings }, (error) => errors.push(error));
  cleanups.push(() => store.close());
  return { ...store, errors };
}

async function start(options: Parameters<typeof startRedis>[0] = {}): Promise<TestRedis> {
  const redis = await startRedis(options);
  cleanups.push(redis.stop);
  return redis;
}

test('commands of several requests that begin in one turn are one write', async () => {
  const store = connect({ url: inject('redisUrl') });
  await store.write('a', value, hour);
  const [one, several] = (['_write', '_writev'] as const).map((name) => vi.spyOn(Socket.prototype, name));
  cleanups.push(() => one!.mockRestore());
  cleanups.push(() => several!.mockRestore());
  const requests = Array.from({ length: 3 }, async () => {
    await Promise.resolve();
    return store.read('a');
  });
  expect(await Promise.all(requests)).toEqual([value, value, value]);
  expect([one!.mock.calls.length, several!.mock.calls.length]).toEqual([0, 1]);
  expect(await store.read('a')).toEqual(value);
  expect(one!.mock.calls.length).toBe(1);
});

/** How long a promise took, and how it ended. */
async function timed(promise: Promise<unknown>): Promise<{ ms: number; code: unknown }> {
  const startedAt = performance.now();
  const code = await promise.then(
    () => 'answered',
    (error: { code?: unknown }) => error.code,
  );
  return { ms: performance.now() - startedAt, code };
}

keyValueConformance('Redis', async () => {
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;
  const keyValue = createRedisStore({ ...nothing, url: inject('redisUrl'), keyPrefix }, () => {});
  return { keyValue, advance: async (ms) => void (await sleep(ms)) };
});

describe('the content of Redis', () => {
  test('has the prefix in its name and an end, whatever wrote it', async () => {
    const store = connect({ url: inject('redisUrl'), keyPrefix: `test-${randomBytes(6).toString('hex')}:` });
    const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;
    const other = connect({ url: inject('redisUrl'), keyPrefix });
    await other.create('one', value, hour);
    await other.create('two', value, hour);
    await other.replace('two', value, hour);
    await other.touch('two', hour);
    await other.addToIndex('three', 'member', hour);
    await other.check();
    expect(await store.read('one')).toBeUndefined();
    const client = new Redis(inject('redisUrl'));
    cleanups.push(() => client.disconnect());
    const keys = await client.keys(`${keyPrefix}*`);
    expect(keys.sort()).toEqual(['one', 'three', 'two'].map((name) => keyPrefix + name));
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0);
  });
});

describe('check', () => {
  test.each(['allkeys-lru', 'volatile-ttl'])('refuses a server that evicts: %s', async (policy) => {
    const redis = await start({ args: ['--maxmemory-policy', policy] });
    await expect(connect({ url: redis.url }).check()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(`noeviction, not ${policy}`),
    });
  });

  test('takes a server that does not evict, and refuses it once it is told to', async () => {
    const redis = await start();
    const store = connect({ url: redis.url });
    await store.check();
    const client = new Redis(redis.url);
    cleanups.push(() => client.disconnect());
    await client.config('SET', 'maxmemory-policy', 'allkeys-lfu');
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('refuses a server that is full', async () => {
    const redis = await start();
    const store = connect({ url: redis.url });
    await store.create('key', value, hour);
    const client = new Redis(redis.url);
    cleanups.push(() => client.disconnect());
    await client.config('SET', 'maxmemory', '1mb');
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.create('another', value, hour)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.read('key')).toEqual(value);
  });
});

describe('a server that hangs', () => {
  test('is an error within three seconds, for every operation, and is used again when it goes on', async () => {
    const redis = await start();
    const store = connect({ url: redis.url });
    await store.create('key', value, hour);
    redis.signal('SIGSTOP');
    const outcomes = await Promise.all([
      timed(store.read('key')),
      timed(store.create('other', value, hour)),
      timed(store.replace('key', value, hour)),
      timed(store.take('absent')),
      timed(store.createThenTake({ key: 'mark', value, ttlMs: hour }, 'absent')),
      timed(store.inOrder([() => store.read('key')])),
      timed(store.count('count', hour)),
      timed(store.touch('key', hour)),
      timed(store.remove('absent')),
      timed(store.addToIndex('index', 'member', hour)),
      timed(store.readIndex('index')),
      timed(store.removeFromIndex('index', 'member')),
      timed(store.check()),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 'store_unavailable'));
    expect(Math.max(...outcomes.map(({ ms }) => ms))).toBeLessThan(inTime);
    redis.signal('SIGCONT');
    await waitFor('an answer after SIGCONT', async () => (await store.read('key'))?.equals(value));
  });

  test('is an error after seconds for a store that never reached it', async () => {
    const redis = await start();
    redis.signal('SIGSTOP');
    const store = connect({ url: redis.url });
    const { ms, code } = await timed(store.check());
    expect(code).toBe('store_unavailable');
    expect(ms).toBeLessThan(inTime);
    redis.signal('SIGCONT');
    await waitFor('a connection after SIGCONT', () => store.check().then(() => true));
  });
});

describe('an event loop that is held', () => {
  test('for longer than the time limit loses no answer that has arrived', async () => {
    const store = connect({ url: inject('redisUrl') });
    await store.create('key', value, hour);
    const reads = Array.from({ length: 20 }, () => store.read('key'));
    await new Promise(setImmediate);
    // Nothing runs in this thread meanwhile, and the answers are in the socket.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
    expect(await Promise.all(reads)).toEqual(reads.map(() => value));
  });
});

describe('a server that is not there', () => {
  test('is an error at once, and no error escapes', async () => {
    const store = connect({ url: `redis://127.0.0.1:${await freePort()}` });
    for (const attempt of [store.check(), store.read('key'), store.create('key', value, hour)]) {
      const { ms, code } = await timed(attempt);
      expect(code).toBe('store_unavailable');
      expect(ms).toBeLessThan(inTime);
    }
    expect(store.errors.length).toBeGreaterThan(0);
  });

  test('is used as soon as it comes', async () => {
    const port = await freePort();
    const store = connect({ url: `redis://127.0.0.1:${port}` });
    expect((await timed(store.check())).code).toBe('store_unavailable');
    await start({ port });
    await waitFor('the server', () => store.check().then(() => true));
  });

  test('after a crash answers 503 until another takes its place', async () => {
    const redis = await start();
    const store = connect({ url: redis.url });
    await store.create('key', value, hour);
    await redis.stop();
    expect((await timed(store.read('key'))).code).toBe('store_unavailable');
    await start({ port: redis.port });
    await waitFor('the new server', () => store.check().then(() => true));
    expect(await store.read('key')).toBeUndefined();
  });
});

describe('password and TLS', () => {
  const password = 'p@ss/word with spaces';

  test('takes the password from the URL or from its own setting', async () => {
    const redis = await start({ password });
    await connect({ url: redis.url }).check();
    await connect({ url: `redis://127.0.0.1:${redis.port}`, password }).check();
    await connect({ url: `redis://127.0.0.1:${redis.port}`, username: 'default', password }).check();
  });

  test.each([
    ['no password', {}],
    ['a wrong password', { password: 'wrong' }],
  ])('is unavailable with %s, and says so without naming the password', async (_, settings) => {
    const redis = await start({ password });
    const attempt = connect({ url: `redis://127.0.0.1:${redis.port}`, ...settings }).check();
    const error = await attempt.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(error?.message).not.toContain(password);
  });

  test('speaks TLS to a server whose authority it knows', async () => {
    const redis = await start({ tls: true });
    await connect({ url: redis.url, ca: redis.ca }).check();
    await connect({ url: `redis://127.0.0.1:${redis.port}`, tls: true, ca: redis.ca }).check();
  });

  test.each([
    ['an authority it does not know', (port: number) => ({ url: `rediss://127.0.0.1:${port}` })],
    ['no TLS on its own side', (port: number) => ({ url: `redis://127.0.0.1:${port}` })],
  ])('is unavailable with %s', async (_, settings) => {
    const redis = await start({ tls: true });
    expect((await timed(connect(settings(redis.port)).check())).code).toBe('store_unavailable');
  });
});
