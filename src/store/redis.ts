// KeyValue in Redis. A command that gets no answer in time is an error, never a wait.
import { Cluster, type Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import { type KeyValue, oneByOne, type Steps } from './key-value.ts';
import { checkServers, connectRedis, type RedisSettings } from './redis-client.ts';

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
const countScript = `local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`;
const createThenTakeScript = `if not redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return false end
return {redis.call('GETDEL', KEYS[2])}`;

export function createRedisStore(settings: RedisSettings, onError: (error: Error) => void): KeyValue {
  const client = connectRedis(settings, timeoutMs);
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
    count: async (name, ttlMs, by = 1) =>
      (await ask(() => client.eval(countScript, 1, key(name), milliseconds(ttlMs), by))) as number,
    touch: async (name, ttlMs) => void (await ask(() => client.pexpire(key(name), milliseconds(ttlMs)))),
    remove: async (name) => void (await ask(() => client.del(key(name)))),
    scan: async function* (prefix) {
      for (const node of client instanceof Cluster ? client.nodes('master') : [client]) {
        for await (const keys of scanNode(node, key(prefix))) {
          yield keys.map((name) => name.slice(settings.keyPrefix.length));
        }
      }
    },
    addToIndex: async (name, member, ttlMs) => {
      await ask(() => client.eval(addToIndexScript, 1, key(name), member, milliseconds(ttlMs)));
    },
    readIndex: async (name) => (await ask(() => client.eval(readIndexScript, 1, key(name)))) as string[],
    removeFromIndex: async (name, member) => void (await ask(() => client.zrem(key(name), member))),
    check: async () => {
      await ask(() => client.set(key('check'), '1', 'PX', 1000));
      await checkServers(client, ask);
    },
    close: async () => client.disconnect(),
  };
}

async function* scanNode(node: Redis, prefix: string): AsyncIterable<string[]> {
  const pattern = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, keys] = await ask(() => node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000));
    cursor = next;
    yield keys;
  } while (cursor !== '0');
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
