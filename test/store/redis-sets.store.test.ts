import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { waitFor } from '../support/wait.ts';
import { keyValueConformance } from './conformance.ts';
import { type RedisSet, startCluster, startSentinelSet } from './redis-sets.ts';

let cluster: RedisSet;
let sentinel: Awaited<ReturnType<typeof startSentinelSet>>;
beforeAll(async () => {
  [cluster, sentinel] = await Promise.all([startCluster(), startSentinelSet()]);
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), sentinel?.stop()]);
});

function connect(settings: Partial<RedisSettings>): KeyValue {
  const nothing = { url: undefined, username: undefined, password: undefined, ca: undefined, tls: false };
  const sets = { sentinels: undefined, cluster: undefined };
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;
  return createRedisStore({ ...nothing, ...sets, keyPrefix, ...settings }, () => {});
}

const advance = async (ms: number) => void (await sleep(ms));
const toCluster = () => connect({ cluster: cluster.hosts });
const toSentinel = () => connect({ sentinels: { name: sentinel.name, hosts: sentinel.hosts } });
const value = Buffer.from('value');

keyValueConformance('Redis Cluster', async () => ({ keyValue: toCluster(), advance }));
keyValueConformance('Redis behind Sentinel', async () => ({ keyValue: toSentinel(), advance }));

/** The limits of the store are below three seconds; the rest is for a busy machine. */
async function failsInTime(operation: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(operation).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(performance.now() - startedAt).toBeLessThan(15_000);
}

describe('when they hang or fall', () => {
  test('a cluster that hangs is an error after seconds, also for a store that never reached it', async () => {
    const used = toCluster();
    await used.create('key', value, 60_000);
    for (const server of cluster.servers) server.signal('SIGSTOP');
    try {
      const late = toCluster();
      await Promise.all([failsInTime(used.read('key')), failsInTime(late.read('key'))]);
      await late.close();
    } finally {
      for (const server of cluster.servers) server.signal('SIGCONT');
    }
    await waitFor('the cluster', async () => (await used.read('key'))?.equals(value));
    await used.close();
  });

  test('behind Sentinel the replica takes over, and the store follows it', async () => {
    const store = toSentinel();
    await store.check();
    await sentinel.servers[0]?.stop();
    await failsInTime(store.read('key'));
    const write = () => store.create(`key-${randomBytes(4).toString('hex')}`, value, 60_000);
    await waitFor('the fail-over', write, { intervalMilliseconds: 100 });
    await store.check();
    await store.close();
  });
});

test('a cluster that cannot be formed leaves no server', async () => {
  let pids: number[] = [];
  const started = startCluster(async (servers) => {
    pids = servers.map(({ pid }) => pid);
    throw new Error('no cluster today');
  });
  await expect(started).rejects.toThrow('no cluster today');
  expect(pids).toHaveLength(3);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
