// The connection to Redis: one server, Sentinel or Cluster. The only place that makes driver options, so that password and
// TLS apply to each connection of each topology.
import { Cluster, Redis } from 'ioredis';
import { createCauses, type RedisCauses } from './redis-causes.ts';

export interface RedisSettings {
  /** `redis:` or `rediss:`, with password and database, or `unix:` with a path. */
  readonly url: string | undefined;
  readonly sentinels:
    | {
        readonly name: string;
        readonly hosts: readonly HostPort[];
        /** Of the Sentinels themselves. */
        readonly username?: string | undefined;
        readonly password?: string | undefined;
        /** Whether the Sentinels speak TLS; undefined if they do as the servers. */
        readonly tls?: boolean | undefined;
      }
    | undefined;
  readonly cluster: readonly HostPort[] | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database?: number | undefined;
  /** PEM of the CA that signed the servers' certificates; undefined for the system's. */
  readonly ca: string | undefined;
  /** PEM, for servers that ask for a certificate. */
  readonly client?: { readonly key: string; readonly cert: string } | undefined;
  readonly tls: boolean;
  readonly keyPrefix: string;
  /** How many replicas must have a write before it counts; default 0. */
  readonly waitForReplicas?: number | undefined;
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisConnection {
  readonly client: Redis | Cluster;
  readonly causes: RedisCauses;
}

/** Those that the configuration names and that have an address. */
export function serversOf({ url, sentinels, cluster }: RedisSettings): readonly HostPort[] {
  if (url === undefined) return cluster ?? sentinels?.hosts ?? [];
  const address = addressOf(url);
  return 'path' in address ? [] : [address];
}

const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1000);

export function connectRedis(settings: RedisSettings, timeoutMs: number): RedisConnection {
  const { url, sentinels, cluster } = settings;
  const usesTls = settings.tls || (url !== undefined && new URL(url).protocol === 'rediss:');
  const options = optionsFor(settings, timeoutMs, usesTls);
  if (cluster) return connectCluster(cluster, options, timeoutMs);
  if (sentinels) return connectSentinel(sentinels, settings, options, timeoutMs);
  const address = addressOf(url ?? 'redis://127.0.0.1:6379');
  // Without the ready check a server that loads says so itself.
  const client = new Redis({ ...options, retryStrategy, enableReadyCheck: false, ...address });
  return connected(client, createCauses(client, usesTls));
}

function optionsFor(settings: RedisSettings, timeoutMs: number, usesTls: boolean) {
  return {
    // Before the command that waits for it gives up, so that the reason is known then.
    connectTimeout: 0.75 * timeoutMs,
    // A connection on which nothing comes back is replaced. Longer than a command waits: the driver's timer also counts while
    // the event loop is held.
    socketTimeout: 2 * timeoutMs,
    // Down is down: a person gets 503 now, not an answer after the queue drains.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // After a fail-over behind one address, this connection leads to a replica, and a new one to the master.
    reconnectOnError: ({ message }: Error) => /\b(READONLY|MASTERDOWN)\b/.test(message),
    disableClientInfo: true,
    maxLoadingRetryTime: 500,
    lazyConnect: true,
    ...(settings.database !== undefined && { db: settings.database }),
    ...credentials(settings),
    ...(usesTls && { tls: tlsOptions(settings) }),
  };
}

type DriverOptions = ReturnType<typeof optionsFor>;

function connectCluster(hosts: readonly HostPort[], options: DriverOptions, timeoutMs: number): RedisConnection {
  let answering = '127.0.0.1';
  const client = new Cluster([...hosts], {
    redisOptions: { ...options, enableReadyCheck: false },
    clusterRetryStrategy: () => 500,
    slotsRefreshTimeout: timeoutMs,
    // By default the driver connects to addresses, which certificates do not name.
    dnsLookup: (host, callback) => callback(null, host),
    // MOVED without a host means the one that said it.
    natMap: (key) => (/^\??:\d+$/.test(key) ? { host: answering, port: Number(key.split(':')[1]) } : null),
  });
  const causes = createCauses(client, options.tls !== undefined);
  const driver = client as unknown as SlotReader;
  const read = driver.getInfoFromNode.bind(client);
  driver.getInfoFromNode = (node, done) => {
    const place = `${node?.options.host}:${node?.options.port}`;
    const duplicate: Redis['duplicate'] = (override) => {
      const connection = node.duplicate(override);
      connection.on('error', (error) => causes.note(error, place));
      answering = node.options.host ?? answering;
      const ask = connection.cluster.bind(connection) as unknown as SlotsCommand;
      const fill: SlotsCommand = (subcommand, callback) =>
        ask(subcommand, (error, slots) => {
          const isEmpty = slots?.length === 0;
          callback(
            isEmpty ? new Error('CLUSTERDOWN no node serves a slot: CLUSTER ADDSLOTS has not been run') : error,
            slots?.map((range) => withHosts(range, answering)),
          );
        });
      return Object.assign(connection, { cluster: fill });
    };
    return read(node && Object.assign(Object.create(node), { duplicate }), done);
  };
  return connected(client, causes);
}

type Slots = (number | [host: string | null, port: number, id: string, more?: string[]])[][];
type SlotsCommand = (subcommand: 'SLOTS', callback: (error: Error | null, slots?: Slots) => void) => void;

/** What the driver asks for the slots with, over a separate connection whose errors it drops. */
interface SlotReader {
  getInfoFromNode: (node: Redis, done: (error?: Error) => void) => void;
}

// CLUSTER SLOTS: no host means the address that was asked; `?` is a node without the host name that should be preferred.
function withHosts(range: Slots[number], asked: string): Slots[number] {
  return range.map((node) => {
    if (typeof node === 'number' || (node[0] !== null && node[0] !== '' && node[0] !== '?')) return node;
    const more = node[3] ?? [];
    const ip = more[more.indexOf('ip') + 1];
    return [node[0] === '?' && ip ? ip : asked, node[1], node[2]];
  });
}

function connectSentinel(
  { name, hosts, username, password, tls }: NonNullable<RedisSettings['sentinels']>,
  settings: RedisSettings,
  options: DriverOptions,
  timeoutMs: number,
): RedisConnection {
  const client = new Redis({
    ...{ ...options, retryStrategy, name, sentinels: [...hosts], sentinelCommandTimeout: timeoutMs },
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    // Without these two the driver ignores `tls`: the password would go out in plain text.
    ...(options.tls && { enableTLSForSentinelMode: true }),
    ...((tls ?? settings.tls) && { sentinelTLS: tlsOptions(settings) }),
  });
  const causes = createCauses(client, settings.tls || tls === true);
  const { connector } = client as unknown as { connector: { connectToSentinel: (endpoint: HostPort) => Redis } };
  const dial = connector.connectToSentinel.bind(connector);
  connector.connectToSentinel = (endpoint, ...more) => {
    const connection = dial(endpoint, ...more);
    return connection.on('error', (error) => causes.note(error, `Sentinel ${endpoint.host}:${endpoint.port}`));
  };
  return connected(client, causes);
}

function connected(client: Redis | Cluster, causes: RedisCauses): RedisConnection {
  client.connect().catch(() => {}); // comes as an event too
  return { client, causes };
}

function tlsOptions({ ca, client }: RedisSettings) {
  return {
    // What the file names is trusted, also if it is not a root.
    ...(ca !== undefined && { ca, allowPartialTrustChain: true }),
    ...client,
  };
}

// A user that needs no password takes any, and the driver sends none without this.
function credentials({ username, password }: RedisSettings) {
  return {
    ...(username !== undefined && { username }),
    ...((password !== undefined || username !== undefined) && { password: password ?? '' }),
  };
}

// Not left to the driver: it takes options from the query, also `tls`.
function addressOf(text: string) {
  const url = new URL(text);
  if (url.protocol === 'unix:') return { path: decodeURIComponent(url.pathname) };
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  const database = url.pathname.slice(1);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(username !== '' && { username: username! }),
    ...(password !== '' && { password: password! }),
    ...(database !== '' && { db: Number(database) }),
  };
}
