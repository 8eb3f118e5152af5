// Whether Redis is fit to be the store: what each server must be, and which keys try every master.
import { Cluster, Command, type Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import type { Ask } from './redis-ask.ts';

/**
 * What each server must be that can be reached; a Cluster's replicas too, since one of them may be the next master.
 * @throws BrokerError store_unavailable
 */
export async function checkServers(client: Redis | Cluster, ask: Ask): Promise<void> {
  for (const node of masters(client)) await ask(() => node.scan('0', 'COUNT', 1));
  if (!(client instanceof Cluster)) return checkServer(await ask(() => client.info()), '');
  const nodes = client.nodes('all');
  const answers = await Promise.allSettled(nodes.map((node) => ask(() => node.info())));
  // One that is down holds no mark: the Cluster itself says whether it still serves every key.
  for (const [index, answer] of answers.entries()) {
    const { host, port } = nodes[index]!.options;
    if (answer.status === 'fulfilled') checkServer(answer.value, ` at ${host}:${port}`);
  }
}

// GETDEL needs 6.2. With another eviction policy than noeviction Redis may drop replay marks and sessions unasked.
function checkServer(info: string, place: string): void {
  const version = /redis_version:(\d+)\.(\d+)/.exec(info);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new BrokerError('store_unavailable', `Redis ${major}.${minor}${place} is too old: 6.2 or newer is needed`);
  }
  const evicts = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'noeviction';
  if (evicts !== 'noeviction') {
    throw new BrokerError(
      'store_unavailable',
      `Redis${place} must run with maxmemory-policy noeviction, not ${evicts}`,
    );
  }
}

export function masters(client: Redis | Cluster): readonly Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

/** Beyond this many attempts a master has so few slots that it is left out. */
const attempts = 500;

/** Names of which each begins a group of keys in one slot; together they reach every master. */
export function probeNames(client: Redis | Cluster, keyPrefix: string): string[] {
  if (!(client instanceof Cluster)) return ['check'];
  const masters = new Set(client.slots.flatMap((nodes) => nodes?.slice(0, 1) ?? []));
  const names = new Map<string | undefined, string>();
  for (let index = 0; index < attempts && names.size < Math.max(masters.size, 1); index++) {
    const name = `check:{${index}}`;
    const master = client.slots[new Command('get', [keyPrefix + name]).getSlot()]?.[0];
    if (!names.has(master)) names.set(master, name);
  }
  return [...names.values()];
}
