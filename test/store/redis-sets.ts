// Starts what Redis stores run on beyond one server: a cluster of three, and a primary with a replica under a Sentinel.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { endsWithUs, killed } from '../support/children.ts';
import { writeKeyPairs } from '../support/key-pairs.ts';
import { redisServer } from '../support/parts/parts.ts';
import { freePort } from '../support/ports.ts';
import { type RedisOptions, startRedis, startRedisServers, type TestRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';

const slots = 16_384;

export interface RedisSet {
  readonly hosts: readonly { host: string; port: number }[];
  readonly servers: readonly TestRedis[];
  readonly stop: () => Promise<void>;
}

/** Primaries that share the slots; three by default. */
export async function startCluster(
  form: (servers: readonly TestRedis[]) => Promise<void> = formCluster,
  nodes: readonly RedisOptions[] = [{}, {}, {}],
): Promise<RedisSet> {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '10000'];
  const servers = await startRedisServers(
    nodes.map((node) => ({
      ...node,
      args: [...cluster, ...(node.tls ? ['--tls-cluster', 'yes'] : []), ...(node.args ?? [])],
    })),
  );
  const stop = () => stopAll(servers);
  try {
    await form(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  return { hosts: servers.map(hostOf), servers, stop };
}

export async function formCluster(servers: readonly TestRedis[], tls?: ConnectionOptions): Promise<void> {
  const clients = servers.map(({ url, ca }) => new Redis(url, ca === undefined ? {} : { tls: { ca, ...tls } }));
  const count = servers.length;
  const bounds = Array.from({ length: count + 1 }, (_, index) => Math.floor((index * slots) / count));
  try {
    for (const [index, client] of clients.entries()) {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[index]!, bounds[index + 1]! - 1);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    // Only now: a node that knows another one takes no epoch.
    for (const { port } of servers) await clients[0]!.call('CLUSTER', 'MEET', '127.0.0.1', port);
    await waitFor('a cluster that is whole', async () => {
      const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')));
      return infos.every((info) =>
        new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${count}\\b`).test(String(info)),
      );
    });
  } finally {
    for (const client of clients) client.disconnect();
  }
}

/** A primary named `rolegate`, its replica, and one Sentinel that decides alone. `hosts` are the Sentinels. */
export async function startSentinelSet(): Promise<RedisSet & { readonly name: string }> {
  const name = 'rolegate';
  const running: { stop: () => Promise<void> }[] = [];
  try {
    const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    running.push(primary);
    const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${primary.port}`] });
    running.push(replica);
    const sentinel = await startSentinel(name, primary, replica);
    running.push(sentinel);
    await knowsReplica(sentinel.port, name);
    const hosts = [{ host: '127.0.0.1', port: sentinel.port }];
    return { name, hosts, servers: [primary, replica], stop: () => stopAll(running) };
  } catch (error) {
    await stopAll(running);
    throw error;
  }
}

async function startSentinel(name: string, primary: TestRedis, replica: TestRedis) {
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'));
  const port = await freePort();
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 1`,
    // Found by itself, but only after ten seconds.
    `sentinel known-replica ${name} 127.0.0.1 ${replica.port}`,
    `sentinel down-after-milliseconds ${name} 3000`,
    `sentinel failover-timeout ${name} 6000`,
  ];
  return runSentinel(port, directory, lines);
}

export async function runSentinel(
  port: number,
  directory: string,
  lines: readonly string[],
  program: RedisOptions['program'] = redisServer(),
) {
  await writeFile(join(directory, 'sentinel.conf'), lines.join('\n'));
  const { path, env } = program;
  const child = endsWithUs(
    spawn(path, [join(directory, 'sentinel.conf'), '--sentinel'], { env: { ...process.env, ...env }, stdio: 'ignore' }),
  );
  const stop = async () => {
    await killed(child);
    await rm(directory, { recursive: true, force: true });
  };
  return { port, stop };
}

/** One Sentinel that speaks TLS alone and wants a password, for a primary `rolegate` of TLS with another password. */
export async function startTlsSentinel(primaryPort: number, passwords: { sentinel: string; primary: string }) {
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'));
  writeKeyPairs(directory, { tls: 'tls-localhost', ca: 'tls-ca' });
  const port = await freePort();
  const lines = [
    ...['port 0', `tls-port ${port}`, 'bind 127.0.0.1', `dir ${directory}`],
    ...['tls-replication yes', 'tls-auth-clients no', `tls-ca-cert-file ${join(directory, 'ca.crt')}`],
    ...[`tls-cert-file ${join(directory, 'tls.crt')}`, `tls-key-file ${join(directory, 'tls.key')}`],
    `requirepass ${passwords.sentinel}`,
    `sentinel monitor rolegate 127.0.0.1 ${primaryPort} 1`,
    `sentinel auth-pass rolegate ${passwords.primary}`,
  ];
  return runSentinel(port, directory, lines);
}

async function knowsReplica(port: number, name: string): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
  client.on('error', () => {}); // until it listens
  const known = async () => {
    const replicas = await client.call('SENTINEL', 'REPLICAS', name);
    return Array.isArray(replicas) && replicas.length === 1 && String(replicas[0]).includes('master-link-status,ok');
  };
  try {
    await waitFor('a Sentinel that knows the replica', known);
  } finally {
    client.disconnect();
  }
}

async function stopAll(running: readonly { stop: () => Promise<void> }[]): Promise<void> {
  await Promise.all(running.map((one) => one.stop()));
}

function hostOf({ port }: TestRedis): { host: string; port: number } {
  return { host: '127.0.0.1', port };
}
