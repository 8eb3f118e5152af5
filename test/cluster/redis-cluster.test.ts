// Three broker processes, HAProxy, and a Redis Cluster: the faults that depend on the store.
import { test } from 'vitest';
import { drainProcess, failOver, killProcess } from './support/faults.ts';
import { startReplicatedCluster } from './support/redis.ts';
import { play } from './support/scene.ts';

test('people work on when a process and a master are lost, and nothing is used twice or lost', async () => {
  await play('Redis Cluster', startReplicatedCluster, [killProcess, failOver, drainProcess]);
}, 600_000);
