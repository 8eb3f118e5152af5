import { Redis } from 'ioredis';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { freePort } from './ports.ts';
import { startRedis, startRedisServers, type TestRedis } from './redis.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options?: Parameters<typeof startRedis>[0]): Promise<TestRedis> {
  const redis = await startRedis(options);
  cleanups.push(redis.stop);
  return redis;
}

function connect(url: string, options: { commandTimeout?: number; tls?: { ca: string } } = {}): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null, ...options });
  client.on('error', () => {}); // the command that fails carries the error as well
  cleanups.push(() => client.disconnect());
  return client;
}

describe('the shared Redis', () => {
  test('answers, and refuses to evict', async () => {
    const client = connect(inject('redisUrl'));
    expect(await client.ping()).toBe('PONG');
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });
});

describe('startRedis', () => {
  test('starts two servers side by side, neither on the usual port', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(new Set([one.port, two.port, 6379]).size).toBe(3);
    await connect(one.url).set('key', 'one');
    expect(await connect(two.url).get('key')).toBeNull();
  });

  test('stops, and comes back empty on the same port', async () => {
    const first = await start();
    await connect(first.url).set('key', 'value');
    await first.stop();
    await first.stop();
    await expect(connect(first.url).ping()).rejects.toThrow();

    const second = await start({ port: first.port });
    expect(second.url).toBe(first.url);
    expect(await connect(second.url).get('key')).toBeNull();
  });

  test('hangs under SIGSTOP, goes on after SIGCONT and can be stopped while it hangs', async () => {
    const redis = await start();
    const client = connect(redis.url, { commandTimeout: 150 });
    expect(await client.ping()).toBe('PONG');
    redis.signal('SIGSTOP');
    await expect(client.ping()).rejects.toThrow(/timed out/);
    redis.signal('SIGCONT');
    expect(await client.ping()).toBe('PONG');
    redis.signal('SIGSTOP');
    await redis.stop();
  });

  test('asks for its password', async () => {
    const redis = await start({ password: 'p@ss word' });
    expect(await connect(redis.url).ping()).toBe('PONG');
    await expect(connect(`redis://127.0.0.1:${redis.port}`).ping()).rejects.toThrow(/NOAUTH/);
  });

  test('speaks TLS only, with a certificate one has to trust', async () => {
    const redis = await start({ tls: true });
    expect(redis.url).toBe(`rediss://127.0.0.1:${redis.port}`);
    expect(await connect(redis.url, { tls: { ca: redis.ca ?? '' } }).ping()).toBe('PONG');
    await expect(connect(redis.url).ping()).rejects.toThrow();
    await expect(connect(`redis://127.0.0.1:${redis.port}`).ping()).rejects.toThrow();
  });

  test('names what the server said when it does not start', async () => {
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/);
  });

  test('takes its neighbours with it when it does not start', async () => {
    const port = await freePort();
    await expect(startRedisServers([{ port }, { args: ['--no-such-setting', '1'] }])).rejects.toThrow(
      /no-such-setting/,
    );
    await start({ port });
  });
});
