// Subject `stalls`: how long one large sign-in holds the event loop, and what becomes of many that arrive together.
import { createPublicKey } from 'node:crypto';
import { Agent } from 'node:http';
import { verifyFloor } from '../lib/canonical.ts';
import { inParallel, postForm } from '../lib/http.ts';
import { compile } from '../lib/processes.ts';
import { number } from '../lib/report.ts';
import { type Rolegate, startRolegate } from '../lib/rolegate.ts';
import { median } from '../lib/rounds.ts';
import { measureSignIns, prepare } from '../lib/sign-in-server.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

const sizes = [10, 200, 1000, 3000];
const largest = 3000;
const burst = { count: 100, groups: 1000 };

export const stalls: Subject = { name: 'stalls', title: 'Event loop and bursts', run };

async function run(bench: Bench): Promise<Section> {
  const rolegate = await startRolegate(bench, { nodeArgs: ['--import', await compile('loop-delay')], ipc: true });
  try {
    await measureSignIns(rolegate, bench.idp, 10, 200);
    const delays = await measureDelays(bench, rolegate);
    const floor = floorMs(bench);
    const sessions = await measureBurst(bench, rolegate);
    const limit = Number((3 * floor + 10).toFixed(1));
    return {
      tables: [
        {
          head: ['One sign-in', 'event loop held, ms: median (least)'],
          rows: delays.map(({ groups, values }) => [
            `${groups.toLocaleString('en')} groups`,
            `${number(median(values))} (${number(Math.min(...values))})`,
          ]),
        },
        {
          head: [`${burst.count} sign-ins at once, ${burst.groups} groups`, 'answers'],
          rows: [...sessions].map(([status, count]) => [String(status), String(count)]),
        },
      ],
      figures: [
        {
          name: `event loop, ${largest} groups: at most 3 × ${number(floor)} ms (hash and signature) + 10 ms`,
          value: median(delays.find(({ groups }) => groups === largest)!.values),
          limit,
          unit: ' ms',
        },
        {
          name: `sessions of ${burst.count} simultaneous sign-ins`,
          value: sessions.get(303) ?? 0,
          limit: 100,
          unit: '',
          atLeast: true,
        },
      ],
    };
  } finally {
    await rolegate.close();
  }
}

async function measureDelays(bench: Bench, rolegate: Rolegate) {
  const delays = [];
  for (const groups of sizes) {
    const values: number[] = [];
    for (let round = 0; round < bench.rounds * 2; round++) {
      const post = await prepare(rolegate, bench.idp, groups);
      await longestDelay(rolegate);
      const { status } = await postForm(rolegate.acsUrl, post.fields, post.cookie);
      if (status !== 303) throw new Error(`a sign-in with ${groups} groups was answered ${status}`);
      values.push(await longestDelay(rolegate));
    }
    // The first of a size compiles.
    delays.push({ groups, values: values.slice(1) });
  }
  return delays;
}

function longestDelay({ program: { child } }: Rolegate): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (message: { maxMs: number }) => resolve(message.maxMs));
    child.send('read');
  });
}

/** CPU of the hash and the signature alone, for the largest response. */
function floorMs(bench: Bench): number {
  const key = createPublicKey(bench.idp.certificate);
  const message = bench.idp.respond({ acsUrl: 'https://sp.example.com/', spEntityId: 'sp', groups: largest });
  const times = Array.from({ length: 50 }, () => {
    const before = process.cpuUsage();
    verifyFloor(message, key);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return median(times);
}

async function measureBurst(bench: Bench, rolegate: Rolegate): Promise<Map<number, number>> {
  const tasks = Array.from({ length: burst.count }, () => () => prepare(rolegate, bench.idp, burst.groups));
  const posts = await inParallel(tasks);
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const replies = await Promise.all(
    posts.map((post) => postForm(rolegate.acsUrl, post.fields, post.cookie, { agent })),
  );
  const counts = new Map<number, number>();
  for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}
