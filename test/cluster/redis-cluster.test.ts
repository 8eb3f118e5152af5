// Three broker processes, HAProxy, and a Redis Cluster: the faults that depend on the store, then a minute of steady work.
import { test } from 'vitest';
import { soak } from './soak/soak.ts';
import { drainProcess, failOver, killProcess } from './support/faults.ts';
import { startReplicatedCluster } from './support/redis.ts';
import { play } from './support/scene.ts';

test('people work on when a process and a master are lost, nothing is used twice or lost, and nothing grows', async () => {
  await play('Redis Cluster', startReplicatedCluster, [killProcess, failOver, drainProcess, soak(1)]);
}, 600_000);
