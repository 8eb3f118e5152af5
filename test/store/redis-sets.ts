// Starts what Redis stores run on beyond one server: a cluster of three, and a primary with a replica under a Sentinel.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { redisServer } from '../support/parts/parts.ts';
import { freePort } from '../support/ports.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const slots = 16_384;

export interface RedisSet {
  readonly hosts: readonly { host: string; port: number }[];
  readonly servers: readonly TestRedis[];
  readonly stop: () => Promise<void>;
}

/** Three primaries that share the slots. */
export async function startCluster(): Promise<RedisSet> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const servers = await Promise.all([0, 1, 2].map(() => startRedis({ args })));
  const clients = servers.map(({ url }) => new Redis(url));
  const bounds = [0, Math.floor(slots / 3), Math.floor((2 * slots) / 3), slots];
  for (const [index, client] of clients.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[index]!, bounds[index + 1]! - 1);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    for (const { port } of servers) await client.call('CLUSTER', 'MEET', '127.0.0.1', port);
  }
  await waitFor('a cluster that is whole', async () => {
    const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')));
    return infos.every((info) => /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(String(info)));
  });
  for (const client of clients) client.disconnect();
  return {
    hosts: servers.map(hostOf),
    servers,
    stop: async () => void (await Promise.all(servers.map((s) => s.stop()))),
  };
}

/** A primary named `rolegate`, its replica, and one Sentinel that decides alone. `hosts` are the Sentinels. */
export async function startSentinelSet(): Promise<RedisSet & { readonly name: string }> {
  const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${primary.port}`] });
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'));
  const port = await freePort();
  const name = 'rolegate';
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
    // Found by itself, but only after ten seconds.
    `sentinel known-replica ${name} 127.0.0.1 ${replica.port}`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 2000`,
  ];
  await writeFile(join(directory, 'sentinel.conf'), lines.join('\n'));
  const { path, env } = redisServer();
  const child = spawn(path, [join(directory, 'sentinel.conf'), '--sentinel'], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async () => {
    child.kill('SIGKILL');
    await Promise.all([exited, primary.stop(), replica.stop()]);
    process.off('exit', killWithUs);
    await rm(directory, { recursive: true, force: true });
  };
  await knowsReplica(port, name);
  return { name, hosts: [{ host: '127.0.0.1', port }], servers: [primary, replica], stop };
}

async function knowsReplica(port: number, name: string): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
  client.on('error', () => {}); // until it listens
  const known = async () => {
    const replicas = await client.call('SENTINEL', 'REPLICAS', name);
    return Array.isArray(replicas) && replicas.length === 1 && String(replicas[0]).includes('master-link-status,ok');
  };
  try {
    await waitFor('a Sentinel that knows the replica', known, { timeoutMilliseconds: 25_000 });
  } finally {
    client.disconnect();
  }
}

function hostOf({ port }: TestRedis): { host: string; port: number } {
  return { host: '127.0.0.1', port };
}
