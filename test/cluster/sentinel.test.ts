// Three broker processes, HAProxy, and Redis with Sentinels, while everything goes wrong that docs/operations.md says they survive.
import { test } from 'vitest';
import { drainProcess, failOver, killProcess, reloadTenTimes, rotateKeys, stopAuditSink } from './support/faults.ts';
import { startSentinels } from './support/redis.ts';
import { play } from './support/scene.ts';

test('people work on through every fault, and nothing is used twice or lost', async () => {
  await play('Sentinel', startSentinels, [
    killProcess,
    failOver,
    reloadTenTimes,
    rotateKeys,
    drainProcess,
    stopAuditSink,
  ]);
}, 600_000);
