// Who listens between the broker and Redis sees TLS and nothing else, in each topology; and each server of a Cluster is checked.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisStore } from '../../../src/store/redis.ts';
import type { RedisSettings } from '../../../src/store/redis-client.ts';
import { startCluster, startTlsSentinel } from '../../store/redis-sets.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { startRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import { startFirstBytes } from '../support/first-bytes.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const tlsHandshake = 0x16;
const password = 'redis-password';
const ca = keyPair('tls-ca').cert;

function connect(settings: Partial<RedisSettings>) {
  const nothing = { url: undefined, sentinels: undefined, cluster: undefined, username: undefined, tls: false, ca };
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;
  const store = createRedisStore({ ...nothing, password, keyPrefix, ...settings }, () => {});
  cleanups.push(() => store.close());
  return store;
}

async function listener() {
  const bytes = await startFirstBytes();
  cleanups.push(bytes.close);
  return bytes;
}

async function works(store: ReturnType<typeof connect>): Promise<void> {
  await store.check();
  for (let index = 0; index < 20; index++) {
    expect(await store.create(`key-${index}`, Buffer.from('value'), 60_000)).toBe(true);
  }
}

describe('with store.tls no byte leaves in plain text', () => {
  test.each([
    ['a rediss: URL', (port: number) => ({ url: `rediss://127.0.0.1:${port}` })],
    ['a redis: URL and store.tls', (port: number) => ({ url: `redis://127.0.0.1:${port}`, tls: true })],
    ['a rediss: URL in capitals', (port: number) => ({ url: `REDISS://127.0.0.1:${port}` })],
  ])('one server: %s', async (_, settings) => {
    const redis = await startRedis({ tls: true, password });
    cleanups.push(redis.stop);
    const way = await listener();
    way.passTo(redis.port);
    await works(connect(settings(way.port)));
    expect(new Set(way.seen())).toEqual(new Set([tlsHandshake]));
  });

  test('Sentinel: the way to the Sentinel and the way to the master, each with its own password', async () => {
    const redis = await startRedis({ tls: true, password });
    const [toMaster, toSentinel] = [await listener(), await listener()];
    toMaster.passTo(redis.port);
    cleanups.push(redis.stop);
    const sentinel = await startTlsSentinel(toMaster.port, { sentinel: 'sentinel-password', primary: password });
    cleanups.push(sentinel.stop);
    toSentinel.passTo(sentinel.port);
    const hosts = [{ host: '127.0.0.1', port: toSentinel.port }];
    const store = connect({ tls: true, sentinels: { name: 'rolegate', hosts, password: 'sentinel-password' } });
    await waitFor('the Sentinel', () => store.check().then(() => true));
    await works(store);
    expect([toSentinel.seen().length > 0, toMaster.seen().length > 1]).toEqual([true, true]);
    expect(new Set([...toSentinel.seen(), ...toMaster.seen()])).toEqual(new Set([tlsHandshake]));
  });

  test('Cluster: the address in the configuration, and the one that the Cluster announces', async () => {
    const [configured, announced] = [await listener(), await listener()];
    const args = ['--cluster-announce-ip', '127.0.0.1', '--cluster-announce-tls-port', `${announced.port}`];
    const cluster = await startCluster(undefined, [{ tls: true, password, args }]);
    cleanups.push(cluster.stop);
    for (const way of [configured, announced]) way.passTo(cluster.servers[0]!.port);
    await works(connect({ tls: true, cluster: [{ host: '127.0.0.1', port: configured.port }] }));
    expect([configured.seen().length > 0, announced.seen().length > 0]).toEqual([true, true]);
    expect(new Set([...configured.seen(), ...announced.seen()])).toEqual(new Set([tlsHandshake]));
  });

  test('the twin: without it the password is readable, and a server of TLS alone is not reached', async () => {
    const redis = await startRedis({ password });
    cleanups.push(redis.stop);
    const way = await listener();
    way.passTo(redis.port);
    await works(connect({ url: `redis://127.0.0.1:${way.port}` }));
    expect(new Set(way.seen())).toEqual(new Set(['*'.charCodeAt(0)]));
  });
});

describe('a Cluster by name', () => {
  const announced = ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'];
  const start = async () => {
    const cluster = await startCluster(undefined, [{ tls: true, password, args: announced }]);
    cleanups.push(cluster.stop);
    return cluster.servers[0]!.port;
  };

  test('is checked against that name', async () => {
    await works(connect({ tls: true, cluster: [{ host: 'localhost', port: await start() }] }));
  });

  test('with another authority is not used', async () => {
    const store = connect({
      tls: true,
      ca: keyPair('stranger').cert,
      cluster: [{ host: 'localhost', port: await start() }],
    });
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('each server of a Cluster is checked', () => {
  const evicting = ['--maxmemory-policy', 'allkeys-lru'];
  const refused = (port: number) => ({
    code: 'store_unavailable',
    message: `Redis at 127.0.0.1:${port} must run with maxmemory-policy noeviction, not allkeys-lru`,
  });

  test.each([0, 1, 2])('master %d evicts', async (index) => {
    const nodes = [{}, {}, {}].map((_, at) => (at === index ? { args: evicting } : {}));
    const cluster = await startCluster(undefined, nodes);
    cleanups.push(cluster.stop);
    const store = connect({ cluster: [cluster.hosts[0]!], password: undefined });
    await expect(store.check()).rejects.toMatchObject(refused(cluster.servers[index]!.port));
    const client = new Redis(cluster.servers[index]!.url);
    cleanups.push(() => client.disconnect());
    await client.config('SET', 'maxmemory-policy', 'noeviction');
    await works(store);
  });

  test('a replica evicts; one that is down is not asked', async () => {
    const cluster = await startCluster();
    cleanups.push(cluster.stop);
    const [first] = cluster.servers;
    const replica = await startRedis({ args: ['--cluster-enabled', 'yes', ...evicting] });
    cleanups.push(replica.stop);
    const [master, joining] = [new Redis(first!.url), new Redis(replica.url)];
    cleanups.push(() => [master, joining].map((client) => client.disconnect()));
    await joining.call('CLUSTER', 'MEET', '127.0.0.1', first!.port);
    const id = String(await master.call('CLUSTER', 'MYID'));
    await waitFor('the replica', () => joining.call('CLUSTER', 'REPLICATE', id));
    await waitFor('the Cluster to know it', async () =>
      JSON.stringify(await master.call('CLUSTER', 'SLOTS')).includes(`${replica.port}`),
    );
    const store = connect({ cluster: [cluster.hosts[0]!], password: undefined });
    await waitFor('the check', async () => {
      const message = await store.check().then(
        () => '',
        ({ message }: Error) => message,
      );
      return message === refused(replica.port).message;
    });
    await replica.stop();
    await waitFor('a check without it', () => store.check().then(() => true));
  });
});
