// The store goes on when its master changes or a connection goes silent: kills, planned fail-overs, one address for two servers.
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { runSentinel, startCluster, startSentinelSet } from '../store/redis-sets.ts';
import { freePort } from '../support/ports.ts';
import { startRedis, startRedisServers, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';
import { startRoute } from './support/route.ts';

const value = Buffer.from('value');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function connect(settings: Partial<RedisSettings>) {
  const nothing = { url: undefined, sentinels: undefined, cluster: undefined, username: undefined, ca: undefined };
  const keyPrefix = `rolegate:${randomBytes(6).toString('hex')}:`;
  const store = createRedisStore({ ...nothing, password: undefined, tls: false, keyPrefix, ...settings }, () => {});
  cleanups.push(() => store.close());
  return store;
}

function admin({ url }: TestRedis): Redis {
  const client = new Redis(url);
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

const isReady = (store: ReturnType<typeof connect>) => waitFor('the store', () => store.check().then(() => true));

/** Three masters and a replica of the first. */
async function startClusterWithReplica() {
  const nodeTimeout = ['--cluster-node-timeout', '1000', '--cluster-replica-validity-factor', '0'];
  const cluster = await startCluster(
    undefined,
    [{}, {}, {}].map(() => ({ args: nodeTimeout })),
  );
  cleanups.push(cluster.stop);
  const replica = await startRedis({ args: ['--cluster-enabled', 'yes', ...nodeTimeout] });
  cleanups.push(replica.stop);
  const [first] = cluster.servers;
  const [master, joining] = [admin(first!), admin(replica)];
  await joining.call('CLUSTER', 'MEET', '127.0.0.1', first!.port);
  const id = String(await master.call('CLUSTER', 'MYID'));
  await waitFor('the replica', () => joining.call('CLUSTER', 'REPLICATE', id));
  await waitFor('replication', async () => /master_link_status:up/.test(await joining.info('replication')));
  await waitFor('every node to know it', async () => {
    const slots = await Promise.all(cluster.servers.map((server) => admin(server).call('CLUSTER', 'SLOTS')));
    return slots.every((each) => JSON.stringify(each).includes(`${replica.port}`));
  });
  return { ...cluster, first: first!, replica: joining };
}

const isMaster = (client: Redis) =>
  waitFor('the new master', async () => /role:master/.test(await client.info('replication')));

describe('a Cluster', () => {
  test('a master is killed', async () => {
    const { hosts, first, replica } = await startClusterWithReplica();
    const store = connect({ cluster: hosts });
    await isReady(store);
    first.signal('SIGKILL');
    await isMaster(replica);
    await isReady(store);
  });

  test('a planned fail-over', async () => {
    const { hosts, replica } = await startClusterWithReplica();
    const store = connect({ cluster: hosts });
    await isReady(store);
    await replica.call('CLUSTER', 'FAILOVER');
    await isMaster(replica);
    await isReady(store);
  });
});

describe('Sentinel', () => {
  test('a planned fail-over, then the new master is killed', async () => {
    const set = await startSentinelSet();
    cleanups.push(set.stop);
    const store = connect({ sentinels: { name: set.name, hosts: set.hosts } });
    await isReady(store);
    const sentinel = new Redis({ port: set.hosts[0]!.port });
    cleanups.push(() => sentinel.disconnect());
    await sentinel.call('SENTINEL', 'FAILOVER', set.name);
    const [first, second] = set.servers;
    await isMaster(admin(second!));
    await isReady(store);
    const isReplica = async () => /master_link_status:up/.test(await admin(first!).info('replication'));
    await waitFor('the old master to follow', isReplica);
    second!.signal('SIGKILL');
    await isMaster(admin(first!));
    await isReady(store);
  });
});

test('one server is killed and comes back', async () => {
  const first = await startRedis();
  cleanups.push(first.stop);
  const store = connect({ url: first.url });
  await isReady(store);
  first.signal('SIGKILL');
  await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
  const second = await startRedis({ port: first.port });
  cleanups.push(second.stop);
  await isReady(store);
});

test('one address for two servers: READONLY ends the connection', async () => {
  const [a, b] = await startRedisServers([{}, {}]);
  cleanups.push(a!.stop, b!.stop);
  const route = await startRoute(a!.port);
  cleanups.push(route.close);
  const store = connect({ url: `redis://127.0.0.1:${route.port}` });
  await store.check();
  route.leadTo(b!.port);
  await admin(a!).call('REPLICAOF', '127.0.0.1', b!.port);
  await expect(store.create('key', value, 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
  await isReady(store);
  expect(route.connections()).toBe(2);
  expect(await admin(b!).dbsize()).toBe(0);
});

describe('a connection that goes silent is replaced after a few commands', () => {
  test('one server', async () => {
    const redis = await startRedis();
    cleanups.push(redis.stop);
    const route = await startRoute(redis.port);
    cleanups.push(route.close);
    const store = connect({ url: `redis://127.0.0.1:${route.port}` });
    await goesOn(store, [route]);
  });

  test('Sentinel', async () => {
    const redis = await startRedis();
    cleanups.push(redis.stop);
    const route = await startRoute(redis.port);
    cleanups.push(route.close);
    const [port, directory] = [await freePort(), await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'))];
    // It keeps its opinion of the master while its own connections are silent too.
    const monitor = [`sentinel monitor main 127.0.0.1 ${route.port} 1`, 'sentinel down-after-milliseconds main 60000'];
    const sentinel = await runSentinel(port, directory, [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      ...monitor,
    ]);
    cleanups.push(sentinel.stop);
    await goesOn(connect({ sentinels: { name: 'main', hosts: [{ host: '127.0.0.1', port }] } }), [route]);
  });

  test('Cluster', async () => {
    const route = await startRoute(1);
    cleanups.push(route.close);
    const announced = ['--cluster-announce-port', `${route.port}`];
    const cluster = await startCluster(undefined, [{ args: announced }]);
    cleanups.push(cluster.stop);
    route.leadTo(cluster.servers[0]!.port);
    await goesOn(connect({ cluster: [{ host: '127.0.0.1', port: route.port }] }), [route]);
  });
});

async function goesOn(store: ReturnType<typeof connect>, routes: readonly Awaited<ReturnType<typeof startRoute>>[]) {
  await isReady(store);
  for (const route of routes) route.silence();
  const outcomes: string[] = [];
  // Three time-outs, and more where a busy machine needs longer for the new connection.
  for (let attempt = 0; attempt < 8 && outcomes.at(-1) !== 'answer'; attempt++) {
    const outcome = store.read('key').then(
      () => 'answer',
      ({ code }: { code: string }) => code,
    );
    outcomes.push(await outcome);
  }
  expect(outcomes.at(-1)).toBe('answer');
}
