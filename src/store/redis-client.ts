// The connection to Redis: one server, Sentinel or Cluster. The only place that makes driver options, so that password and
// TLS apply to each connection of each topology.
import { Cluster, Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';

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
      }
    | undefined;
  readonly cluster: readonly HostPort[] | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM of the CA that signed the servers' certificates; undefined for the system's. */
  readonly ca: string | undefined;
  readonly tls: boolean;
  readonly keyPrefix: string;
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

export function connectRedis(settings: RedisSettings, timeoutMs: number): Redis | Cluster {
  const { url, sentinels, cluster } = settings;
  const tls = tlsOptions(settings);
  const options = {
    connectTimeout: timeoutMs,
    // Down is down: a person gets 503 now, not an answer after the queue drains.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...credentials(settings),
    ...(tls && { tls }),
  };
  if (cluster) {
    return new Cluster([...cluster], {
      redisOptions: options,
      clusterRetryStrategy: () => 500,
      // By default the driver connects to addresses, which certificates do not name.
      ...(tls && { dnsLookup: (host, callback) => callback(null, host) }),
    });
  }
  const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1000);
  if (!sentinels) return new Redis({ ...options, retryStrategy, ...addressOf(url ?? 'redis://127.0.0.1:6379') });
  const { name, hosts, username, password } = sentinels;
  return new Redis({
    ...{ ...options, retryStrategy, name, sentinels: [...hosts] },
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    // Without these two the driver ignores `tls`: the password would go out in plain text.
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  });
}

function tlsOptions({ tls, url, ca }: RedisSettings) {
  if (!tls && (url === undefined || new URL(url).protocol !== 'rediss:')) return undefined;
  return ca === undefined ? {} : { ca };
}

function credentials({ username, password }: RedisSettings) {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
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

/**
 * What each server must be that can be reached; a Cluster's replicas too, since one of them may be the next master.
 * @throws BrokerError store_unavailable
 */
export async function checkServers(
  client: Redis | Cluster,
  ask: <T>(command: () => Promise<T>) => Promise<T>,
): Promise<void> {
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
