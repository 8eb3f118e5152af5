// KeyValue in Redis: single, Sentinel or Cluster. A command that gets no answer in time is an error, never a wait.
import { Cluster, Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import { type KeyValue, oneByOne, type Steps } from './key-value.ts';

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

/** An answer to a person must not wait longer than this on one command, or on a connection to send it over. */
const timeoutMs = 2000;

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

const createThenTakeScript = `if not redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return false end
return {redis.call('GETDEL', KEYS[2])}`;

export function createRedisStore(settings: RedisSettings, onError: (error: Error) => void): KeyValue {
  const client = connect(settings);
  client.on('error', onError);
  const key = (name: string) => settings.keyPrefix + name;
  const set = async (name: string, value: Buffer, ttlMs: number, condition: 'NX' | 'XX') => {
    const args = [key(name), value, 'PX', milliseconds(ttlMs)] as const;
    return (await ask(() => (condition === 'NX' ? client.set(...args, 'NX') : client.set(...args, 'XX')))) === 'OK';
  };
  const create: KeyValue['create'] = (name, value, ttlMs) => set(name, value, ttlMs, 'NX');
  const take = async (name: string) => (await ask(() => client.getdelBuffer(key(name)))) ?? undefined;
  return {
    read: async (name) => (await ask(() => client.getBuffer(key(name)))) ?? undefined,
    create,
    replace: (name, value, ttlMs) => set(name, value, ttlMs, 'XX'),
    swap: async (name, expected, value) =>
      (await ask(() => client.eval(swapScript, 1, key(name), expected, value))) === 1,
    take,
    createThenTake: async ({ key: created, value, ttlMs }, taken) => {
      if (client instanceof Cluster) {
        const isCreated = await create(created, value, ttlMs);
        return { isCreated, taken: isCreated ? await take(taken) : undefined };
      }
      const args = [createThenTakeScript, 2, key(created), key(taken), value, milliseconds(ttlMs)] as const;
      const found = (await ask(() => client.callBuffer('EVAL', ...args))) as [Buffer | null] | null;
      return { isCreated: found !== null, taken: found?.[0] ?? undefined };
    },
    inOrder: client instanceof Cluster ? oneByOne : (steps) => inOneTrip(client, steps),
    touch: async (name, ttlMs) => void (await ask(() => client.pexpire(key(name), milliseconds(ttlMs)))),
    remove: async (name) => void (await ask(() => client.del(key(name)))),
    addToIndex: async (name, member, ttlMs) => {
      await ask(() => client.eval(addToIndexScript, 1, key(name), member, milliseconds(ttlMs)));
    },
    readIndex: async (name) => (await ask(() => client.eval(readIndexScript, 1, key(name)))) as string[],
    removeFromIndex: async (name, member) => void (await ask(() => client.zrem(key(name), member))),
    count: async (name, by, ttlMs) =>
      (await ask(() => client.eval(countScript, 1, key(name), by, Math.max(1, Math.ceil(ttlMs))))) as number,
    check: () => checkServer(client, key('check')),
    close: async () => client.disconnect(),
  };
}

function milliseconds(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}

/** One write to the socket; the server keeps the order. */
function inOneTrip<T extends readonly unknown[]>({ stream }: Redis, steps: readonly [...Steps<T>]): Promise<T> {
  // Undefined until the driver connects for the first time.
  stream?.cork();
  try {
    return Promise.all((steps as readonly (() => Promise<unknown>)[]).map((step) => step())) as unknown as Promise<T>;
  } finally {
    stream?.uncork();
  }
}

function connect({ url, sentinels, cluster, username, password, ca, tls }: RedisSettings): Redis | Cluster {
  const options = {
    connectTimeout: timeoutMs,
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

// The driver's own limit is not used: it counts while the event loop is held, and timers run before sockets are read. So an
// answer that lies in the socket would be too late. One turn of the loop after the time is up, it has been read.
async function ask<T>(command: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('no answer in time'));
    timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
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
