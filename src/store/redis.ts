// KeyValue in Redis: single, Sentinel or Cluster. A command that gets no answer in time is an error, never a wait.
import { Cluster, Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import type { KeyValue } from './key-value.ts';

export interface RedisSettings {
  /** `redis:` or `rediss:`, with password and database. */
  readonly url: string | undefined;
  readonly sentinels: { readonly name: string; readonly hosts: readonly HostPort[] } | undefined;
  readonly cluster: readonly HostPort[] | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM of the CA that signed the server's certificate; undefined for the system's. */
  readonly ca: string | undefined;
  readonly tls: boolean;
  readonly keyPrefix: string;
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An answer to a person must not wait longer than this on one command. */
const commandTimeoutMs = 2000;
/** The driver counts from the moment it has a connection: the queue of a Cluster that has none would wait for ever. */
const answerTimeoutMs = 2500;

// An index is a sorted set: the score is the member's end by the server's own clock, the key's end is that of the last
// member. In one script, so that no index is ever left without an end.
const serverTime = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";
const addToIndexScript = `${serverTime}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
return 1`;
const readIndexScript = `${serverTime}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')`;
const swapScript = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`;
// INCRBY keeps an end of life, so only the first addition sets one.
const countScript = `local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return total`;

export function createRedisStore(settings: RedisSettings, onError: (error: Error) => void): KeyValue {
  const client = connect(settings);
  client.on('error', onError);
  const key = (name: string) => settings.keyPrefix + name;
  const set = async (name: string, value: Buffer, ttlMs: number, condition: 'NX' | 'XX') => {
    const ttl = Math.max(1, Math.ceil(ttlMs));
    const args = [key(name), value, 'PX', ttl] as const;
    return (await ask(() => (condition === 'NX' ? client.set(...args, 'NX') : client.set(...args, 'XX')))) === 'OK';
  };
  return {
    read: async (name) => (await ask(() => client.getBuffer(key(name)))) ?? undefined,
    create: (name, value, ttlMs) => set(name, value, ttlMs, 'NX'),
    replace: (name, value, ttlMs) => set(name, value, ttlMs, 'XX'),
    swap: async (name, expected, value) =>
      (await ask(() => client.eval(swapScript, 1, key(name), expected, value))) === 1,
    take: async (name) => (await ask(() => client.getdelBuffer(key(name)))) ?? undefined,
    touch: async (name, ttlMs) => void (await ask(() => client.pexpire(key(name), Math.max(1, Math.ceil(ttlMs))))),
    remove: async (name) => void (await ask(() => client.del(key(name)))),
    addToIndex: async (name, member, ttlMs) => {
      await ask(() => client.eval(addToIndexScript, 1, key(name), member, Math.max(1, Math.ceil(ttlMs))));
    },
    readIndex: async (name) => (await ask(() => client.eval(readIndexScript, 1, key(name)))) as string[],
    removeFromIndex: async (name, member) => void (await ask(() => client.zrem(key(name), member))),
    count: async (name, by, ttlMs) =>
      (await ask(() => client.eval(countScript, 1, key(name), by, Math.max(1, Math.ceil(ttlMs))))) as number,
    check: () => checkServer(client, key('check')),
    close: async () => client.disconnect(),
  };
}

function connect({ url, sentinels, cluster, username, password, ca, tls }: RedisSettings): Redis | Cluster {
  const options = {
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    // Down is down: a person gets 503 now, not an answer after the queue drains.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls || url?.startsWith('rediss:') ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
  if (cluster) return new Cluster([...cluster], { redisOptions: options, clusterRetryStrategy: () => 500 });
  const retryStrategy = (attempt: number) => Math.min(attempt * 100, 1000);
  if (sentinels) return new Redis({ ...options, retryStrategy, sentinels: [...sentinels.hosts], name: sentinels.name });
  return new Redis(url ?? 'redis://127.0.0.1:6379', { ...options, retryStrategy });
}

async function ask<T>(command: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), answerTimeoutMs);
  });
  try {
    return await Promise.race([command(), tooLate]);
  } catch (cause) {
    throw new BrokerError('store_unavailable', `Redis: ${(cause as Error).message.slice(0, 120)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

// GETDEL needs 6.2. With another eviction policy than noeviction Redis may drop replay marks and sessions unasked.
async function checkServer(client: Redis | Cluster, probe: string): Promise<void> {
  await ask(() => client.set(probe, '1', 'PX', 1000));
  const server = await ask(() => client.info('server'));
  const version = /redis_version:(\d+)\.(\d+)/.exec(server);
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)];
  if (major < 6 || (major === 6 && minor < 2)) {
    throw new BrokerError('store_unavailable', `Redis ${major}.${minor} is too old: 6.2 or newer is needed`);
  }
  const memory = await ask(() => client.info('memory'));
  const evicts = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'noeviction';
  if (evicts !== 'noeviction') {
    throw new BrokerError('store_unavailable', `Redis must run with maxmemory-policy noeviction, not ${evicts}`);
  }
}
