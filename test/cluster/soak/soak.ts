// Steady work for a long time: sign-ins, credentials, renewals, sign-outs and reloads, while memory, handles, sockets, Redis and
// the event loop are watched. Nothing may grow but by the stated tolerance.
import { expect } from 'vitest';
import { trendOf } from '../../support/soak/trend.ts';
import { checkOnce, reloadAll, type Scene } from '../support/faults.ts';
import { endlessKeys, type Quantity, type Samples, sampleFor } from './samples.ts';

const mb = 1024 * 1024;

/** What the trend of a process may gain after the warm-up; the larger of the two. The lag is not judged, it is the machine's. */
const tolerances: Readonly<Record<Exclude<Quantity, 'lag'>, { share: number; least: number }>> = {
  rss: { share: 0.25, least: 40 * mb },
  heap: { share: 0.1, least: 6 * mb },
  handles: { share: 0, least: 20 },
  files: { share: 0, least: 20 },
  sockets: { share: 0, least: 20 },
};

/** A run under five minutes tells leaks of handles, files and sockets; memory of a young process needs more room. */
const isShort = (ms: number) => ms < 300_000;
const roomInShortRuns = 3;

/** A fifth of the time, 15 seconds at least: until then caches fill and code is compiled. */
const warmUpOf = (ms: number) => Math.min(600_000, Math.max(15_000, ms / 5));

/** One phase of a scene. @param allowed answers that do not count as failures */
export function soak(minutes: number, allowed: readonly RegExp[] = []): (scene: Scene) => Promise<void> {
  return async (scene) => {
    const { ledger } = scene;
    const ms = minutes * 60_000;
    await ledger.during({ name: `a soak of ${minutes} minutes`, allowed, maxMs: ms + 120_000 }, async () => {
      const reloading = reloadEvery(scene, { ms, everyMs: isShort(ms) ? 10_000 : 30_000 });
      const samples = await sampleFor(scene, { ms, everyMs: isShort(ms) ? 1500 : 9000 });
      await reloading;
      const { rows, problems } = judge(samples, ms);
      process.stdout.write(`${rows.join('\n')}\n`);
      // As one text, so that a report in one line still names the quantities.
      expect(problems.join('; ')).toBe('');
      expect(await endlessKeys(scene)).toBe(0);
    });
    await checkOnce(scene);
  };
}

async function reloadEvery({ estate }: Scene, { ms, everyMs }: { ms: number; everyMs: number }): Promise<void> {
  const endsAt = performance.now() + ms;
  for (let time = 1; performance.now() + everyMs < endsAt; time++) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    await reloadAll(estate, time);
  }
}

/** Rows for people, and what grew too much. */
function judge({ processes, redis }: Samples, ms: number): { rows: string[]; problems: string[] } {
  const [rows, problems]: [string[], string[]] = [[], []];
  const warmUpMs = warmUpOf(ms);
  processes.forEach((samples, index) => {
    for (const [quantity, { share, least }] of Object.entries(tolerances)) {
      const { first, last, peak, growth } = trendOf(samples[quantity as Quantity], warmUpMs);
      const isMemory = quantity === 'rss' || quantity === 'heap';
      const unit = isMemory ? mb : 1;
      const allowed = Math.max(least, share * first) * (isMemory && isShort(ms) ? roomInShortRuns : 1);
      const shown = [first, last, peak, growth].map((value) => (value / unit).toFixed(unit === 1 ? 0 : 1));
      const name = `process ${index + 1}, ${quantity}${unit === 1 ? '' : ' (MiB)'}`;
      rows.push(`${name}: from ${shown[0]} to ${shown[1]}, at most ${shown[2]}, trend ${shown[3]}`);
      if (growth > allowed) problems.push(rows.at(-1)!);
    }
    const lags = samples.lag.map(({ value }) => 1000 * value).sort((a, b) => a - b);
    const [middle, most] = [lags[Math.floor(lags.length / 2)]!, lags.at(-1)!];
    rows.push(`process ${index + 1}, event-loop lag p99 (ms): median ${middle.toFixed(0)}, at most ${most.toFixed(0)}`);
  });
  const { first, last, peak } = trendOf(redis, warmUpMs);
  rows.push(
    `Redis (MiB): from ${(first / mb).toFixed(1)} to ${(last / mb).toFixed(1)}, at most ${(peak / mb).toFixed(1)}`,
  );
  return { rows, problems };
}
