// Three broker processes, HAProxy, and a Redis Cluster: every fault, then a minute of steady work.
import { test } from 'vitest';
import { soak } from './soak/soak.ts';
import { drainProcess, failOver, killProcess, reloadTenTimes, rotateKeys, stopAuditSink } from './support/faults.ts';
import { startReplicatedCluster } from './support/redis.ts';
import { play } from './support/scene.ts';

test('people work on through every fault, nothing is used twice or lost, and nothing grows', async () => {
  await play('Redis Cluster', startReplicatedCluster, [
    killProcess,
    failOver,
    reloadTenTimes,
    rotateKeys,
    drainProcess,
    stopAuditSink,
    soak(1),
  ]);
}, 600_000);
