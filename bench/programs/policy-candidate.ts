// Resolving roles, alone in its process: parses the configuration it is told to, then measures resolveRoles on it.
import type { Identity } from '../../src/access/model.ts';
import { resolveRoles } from '../../src/access/resolve.ts';
import { systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config/load.ts';

interface Order {
  readonly text: string;
  readonly directory: string;
  /** Group of each rule, for the floor. */
  readonly ruleGroups: readonly string[];
  readonly groups: readonly string[];
}

let resolveOnce: () => number = () => 0;
let floorOnce: () => number = () => 0;

process.on('message', async (order: { load?: Order; run?: 'floor' | 'resolve'; minMs?: number }) => {
  if (order.load) {
    await load(order.load);
    process.send!({ roles: resolveOnce(), floorRoles: floorOnce() });
    return;
  }
  process.send!({ ms: measure(order.run === 'floor' ? floorOnce : resolveOnce, order.minMs!) });
});

async function load({ text, directory, ruleGroups, groups }: Order): Promise<void> {
  const now = systemClock.now();
  const env = { SESSION_SECRET: 'a-secret-for-the-bench-alone-0123456789' };
  const { policy } = await parseConfig(text, { source: 'bench', directory, env, now });
  const base = { idp: 'adfs', user: 'bench', userSource: 'upn', displayName: 'Bench', claims: {}, authnContexts: [] };
  // Another identity each time, because the broker keeps a decision for each session and this measures the decision.
  const identity = (): Identity => ({ ...base, groups: [...groups], authnInstant: now.getTime() });
  resolveOnce = () => resolveRoles(identity(), policy, now).length;
  floorOnce = () => {
    const set = new Set(groups);
    let found = 0;
    for (const group of ruleGroups) if (set.has(group)) found++;
    return found;
  };
}

function measure(once: () => number, minMs: number): number {
  let count = 0;
  let ms = 0;
  const before = process.cpuUsage();
  while (ms < minMs || count < 3) {
    once();
    count++;
    const { user, system } = process.cpuUsage(before);
    ms = (user + system) / 1000;
  }
  return ms / count;
}
