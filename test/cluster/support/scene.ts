// A scene from its beginning to its end: everything starts, faults come one after the other, and everything is added up.
import { expect } from 'vitest';
import { createEnds, type Ends } from './ends.ts';
import { startEstate } from './estate.ts';
import type { Scene } from './faults.ts';
import { createLedger } from './ledger.ts';
import type { ReplicatedRedis } from './redis.ts';
import { startTraffic } from './traffic.ts';
import { verifyAudit } from './verify-audit.ts';

/** @throws what a fault throws, once everything has ended */
export async function play(
  name: string,
  startRedis: (ends: Ends) => Promise<ReplicatedRedis>,
  faults: readonly ((scene: Scene) => Promise<void>)[],
): Promise<void> {
  const ends = createEnds();
  const startedAt = performance.now();
  try {
    const redis = await startRedis(ends);
    const estate = await startEstate(ends, redis.store);
    const ledger = createLedger();
    const traffic = startTraffic(estate.brokerUrl, ledger);
    ends.add(() => traffic.stop());
    const totals = { triedAgain: {}, usedTwice: 0, lookedFor: 0, lost: 0 };
    const scene: Scene = { estate, ledger, traffic, redis, totals };
    await ledger.calm();
    ledger.begin();
    const setUp = performance.now() - startedAt;
    for (const fault of faults) await fault(scene);
    await traffic.stop();
    const codes = await Promise.all(estate.members.map(({ process }) => process.stop()));
    const records = await verifyAudit(estate);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const rows = [
      `${name}: ${seconds(performance.now() - startedAt)}, of which the set-up ${seconds(setUp)}`,
      ledger.summary(),
      `${JSON.stringify(totals)}, ${records} audit records`,
    ];
    process.stdout.write(`${rows.join('\n')}\n`);
    expect(ledger.unexpected()).toEqual([]);
    expect(ledger.tooLong()).toEqual([]);
    expect(totals).toMatchObject({ usedTwice: 0, lost: 0 });
    expect(Object.keys(totals.triedAgain).sort()).toEqual(['SAMLResponse', 'code', 'refresh token']);
    expect(codes).toEqual([0, 0, 0]);
  } finally {
    await ends.all();
  }
}
