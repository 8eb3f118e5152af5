// Redis as production has it: a primary with two replicas and three Sentinels, or a Cluster whose masters have replicas. Who
// loses the master has a replica still, since writes wait for one.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { formCluster, runSentinel } from '../../store/redis-sets.ts';
import { freePort } from '../../support/ports.ts';
import { startRedis, startRedisServers, type TestRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait.ts';
import type { Ends } from './ends.ts';

export interface ReplicatedRedis {
  /** The configuration's section `store`, without the prefix. */
  readonly store: Record<string, unknown>;
  /** Kills a master by SIGKILL, and answers when another server has taken its place. */
  failOver(): Promise<void>;
  /** Asks every master that answers. */
  masters<T>(ask: (client: Redis) => Promise<T>): Promise<T[]>;
}

const name = 'rolegate';
/** What docs/operations.md recommends where replicas exist. */
const durable = ['--repl-diskless-sync-delay', '0', '--min-replicas-to-write', '1', '--min-replicas-max-lag', '10'];

export async function startSentinels(ends: Ends): Promise<ReplicatedRedis> {
  const primary = await startRedis({ args: durable });
  ends.add(primary.stop);
  const follow = ['--replicaof', '127.0.0.1', `${primary.port}`];
  const replicas = await startRedisServers([{ args: [...durable, ...follow] }, { args: [...durable, ...follow] }]);
  for (const replica of replicas) ends.add(replica.stop);
  for (const replica of replicas) await isFollowing(replica);
  const hosts: { host: string; port: number }[] = [];
  for (let count = 0; count < 3; count++) {
    const [port, directory] = [await freePort(), await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'))];
    const lines = [
      ...[`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`],
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2`,
      ...replicas.map((replica) => `sentinel known-replica ${name} 127.0.0.1 ${replica.port}`),
      ...[`sentinel down-after-milliseconds ${name} 2000`, `sentinel failover-timeout ${name} 6000`],
    ];
    const sentinel = await runSentinel(port, directory, lines);
    ends.add(sentinel.stop);
    hosts.push({ host: '127.0.0.1', port });
  }
  for (const { port } of hosts) await knowsAll(port);
  return {
    store: { type: 'redis', sentinels: { name, hosts }, waitForReplicas: 1 },
    masters: (ask) => askMasters([primary, ...replicas], ask),
    failOver: async () => {
      primary.signal('SIGKILL');
      await isMaster(replicas);
    },
  };
}

export async function startReplicatedCluster(ends: Ends): Promise<ReplicatedRedis> {
  const cluster = [
    '--cluster-enabled',
    'yes',
    '--cluster-node-timeout',
    '2000',
    '--cluster-replica-validity-factor',
    '0',
  ];
  /** Of which master each is the replica. */
  const following = [0, 0, 1, 2];
  const nodes = Array.from({ length: 3 + following.length }, () => ({ args: [...cluster, ...durable] }));
  const servers = await startRedisServers(nodes);
  for (const server of servers) ends.add(server.stop);
  const [masters, replicas] = [servers.slice(0, 3), servers.slice(3)];
  await formCluster(masters);
  for (const [index, replica] of replicas.entries()) {
    const master = masters[following[index]!]!;
    const id = await withClient(master, async (client) => String(await client.call('CLUSTER', 'MYID')));
    await withClient(replica, async (client) => {
      await client.call('CLUSTER', 'MEET', '127.0.0.1', master.port);
      await waitFor('the replica to know its master', () => client.call('CLUSTER', 'REPLICATE', id));
    });
  }
  for (const replica of replicas) await isFollowing(replica);
  for (const server of servers) {
    const knows = async (client: Redis) => {
      const slots = JSON.stringify(await client.call('CLUSTER', 'SLOTS'));
      return servers.every(({ port }) => slots.includes(`${port}`));
    };
    await withClient(server, (client) => waitFor('every node to know all', () => knows(client)));
  }
  return {
    store: { type: 'redis', cluster: masters.map(({ port }) => ({ host: '127.0.0.1', port })), waitForReplicas: 1 },
    masters: (ask) => askMasters(servers, ask),
    failOver: async () => {
      masters[0]!.signal('SIGKILL');
      await isMaster(replicas.slice(0, 2));
    },
  };
}

async function withClient<T>({ url }: { url: string }, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => 50 });
  client.on('error', () => {}); // until it listens
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
}

async function askMasters<T>(servers: readonly TestRedis[], ask: (client: Redis) => Promise<T>): Promise<T[]> {
  const answers = servers.map((server) =>
    withClient(server, async (client) => {
      const isMaster = /role:master/.test(await client.info('replication'));
      return isMaster ? [await ask(client)] : [];
    }).catch((): T[] => []),
  );
  return (await Promise.all(answers)).flat();
}

const isFollowing = (server: TestRedis) =>
  withClient(server, (client) =>
    waitFor('replication', async () => /master_link_status:up/.test(await client.info('replication'))),
  );

const isMaster = (servers: readonly TestRedis[]) =>
  waitFor('a new master', async () => {
    const roles = await Promise.all(
      servers.map((server) => withClient(server, (client) => client.info('replication'))),
    );
    return roles.some((role) => /role:master/.test(role));
  });

const knowsAll = (port: number) =>
  withClient({ url: `redis://127.0.0.1:${port}` }, (client) =>
    waitFor('a Sentinel that knows the others', async () => {
      const text = String(await client.call('INFO', 'sentinel'));
      return /slaves=2,sentinels=3/.test(text);
    }),
  );
