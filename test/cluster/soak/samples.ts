// What the running processes say about themselves after each collection of their garbage, and what Redis says.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../../support/soak/trend.ts';
import type { Scene } from '../support/faults.ts';
import { metricsOf } from '../support/metrics.ts';

/** The metric of `/metrics` for each quantity of a process. */
const metrics = {
  rss: 'process_resident_memory_bytes',
  heap: 'nodejs_heap_size_used_bytes',
  handles: 'nodejs_active_resources_total',
  files: 'process_open_fds',
  sockets: 'nodejs_active_resources{type="TCPSocketWrap"}',
  lag: 'nodejs_eventloop_lag_p99_seconds',
} as const;
export type Quantity = keyof typeof metrics;
const quantities = Object.keys(metrics) as Quantity[];

export interface Samples {
  /** By process. */
  readonly processes: readonly Record<Quantity, Sample[]>[];
  /** Bytes that all masters use. */
  readonly redis: Sample[];
}

/** Until the time is over. A process that does not answer is an error: nothing here may end. */
export async function sampleFor(
  { estate, redis }: Scene,
  { ms, everyMs }: { ms: number; everyMs: number },
): Promise<Samples> {
  const startedAt = performance.now();
  const processes = estate.members.map(() => ({ rss: [], heap: [], handles: [], files: [], sockets: [], lag: [] }));
  const samples: Samples = { processes, redis: [] };
  for (let at = 0; at < ms; at = performance.now() - startedAt) {
    for (const { process } of estate.members) process.signal('SIGUSR2');
    // A collection takes a tenth of that.
    await sleep(1000);
    await Promise.all(
      estate.members.map(async ({ index, process }) => {
        const text = await metricsOf(process.operationsPort);
        for (const quantity of quantities)
          samples.processes[index]![quantity].push({ at, value: valueIn(text, quantity) });
      }),
    );
    const used = await redis.masters(async (client) =>
      Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]),
    );
    samples.redis.push({ at, value: used.reduce((sum, bytes) => sum + bytes, 0) });
    await sleep(everyMs);
  }
  return samples;
}

function valueIn(text: string, quantity: Quantity): number {
  const line = text.split('\n').find((each) => each.startsWith(`${metrics[quantity]} `));
  // Without a socket the line of that type is missing.
  return line === undefined ? 0 : Number(line.slice(metrics[quantity].length + 1));
}

/** How many keys never expire; of an index each member ends by itself, and the key has an end as well. */
export async function endlessKeys({ redis }: Scene): Promise<number> {
  const counts = await redis.masters(async (client) => {
    let endless = 0;
    for await (const keys of client.scanStream({ count: 1000 })) {
      for (const key of keys as string[]) if ((await client.pttl(key)) === -1) endless++;
    }
    return endless;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
