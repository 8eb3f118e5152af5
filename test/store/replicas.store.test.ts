// store.waitForReplicas: a write counts when replicas have it, on one server, behind Sentinels (the same code) and in a Cluster.
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';
import { startCluster } from './redis-sets.ts';

const value = Buffer.from('value');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function connect(settings: Partial<RedisSettings>) {
  const nothing = { url: undefined, sentinels: undefined, cluster: undefined, username: undefined, ca: undefined };
  const all = { ...nothing, password: undefined, tls: false, keyPrefix: 'replicas:', waitForReplicas: 1, ...settings };
  const store = createRedisStore(all, () => {});
  cleanups.push(() => store.close());
  return store;
}

async function start(args: string[]): Promise<TestRedis> {
  const redis = await startRedis({ args });
  cleanups.push(redis.stop);
  return redis;
}

async function isFollowing({ url }: TestRedis): Promise<void> {
  const client = new Redis(url);
  await waitFor('the replica', async () => /master_link_status:up/.test(await client.info('replication')));
  client.disconnect();
}

const topologies = [
  {
    name: 'one server',
    open: async () => {
      const primary = await start(['--repl-diskless-sync-delay', '0']);
      const replica = await start(['--replicaof', '127.0.0.1', `${primary.port}`]);
      return { replica, settings: { url: primary.url } };
    },
  },
  {
    name: 'Cluster',
    open: async () => {
      const cluster = await startCluster(undefined, [{ args: ['--repl-diskless-sync-delay', '0'] }]);
      cleanups.push(cluster.stop);
      const [primary] = cluster.servers;
      const replica = await start(['--cluster-enabled', 'yes']);
      const [master, joining] = [new Redis(primary!.url), new Redis(replica.url)];
      cleanups.push(() => [master, joining].map((client) => client.disconnect()));
      await joining.call('CLUSTER', 'MEET', '127.0.0.1', primary!.port);
      const id = String(await master.call('CLUSTER', 'MYID'));
      await waitFor('the replica to know it', () => joining.call('CLUSTER', 'REPLICATE', id));
      return { replica, settings: { cluster: cluster.hosts } };
    },
  },
] as const;

describe.each(topologies)('$name', ({ open }) => {
  test('what no replica has is an error, and works again when one has it', async () => {
    const { replica, settings } = await open();
    await isFollowing(replica);
    const store = connect(settings);
    await waitFor('the store', () => store.check().then(() => true));
    expect(await store.create('before', value, 60_000)).toBe(true);
    replica.signal('SIGSTOP');
    const refused = { code: 'store_unavailable', message: expect.stringContaining('0 of 1 replicas have the write') };
    await expect(store.create('while', value, 60_000)).rejects.toMatchObject(refused);
    await expect(store.take('before')).rejects.toMatchObject(refused);
    await expect(store.createThenTake({ key: 'mark', value, ttlMs: 60_000 }, 'none')).rejects.toMatchObject(refused);
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
    // It was used up all the same.
    expect(await store.read('before')).toBeUndefined();
    replica.signal('SIGCONT');
    await waitFor('the store', () => store.check().then(() => true));
    expect(await store.create('after', value, 60_000)).toBe(true);
  });
});

test('without it the master is enough', async () => {
  const { url } = await start([]);
  expect(await connect({ url, waitForReplicas: 0 }).create('key', value, 60_000)).toBe(true);
});
