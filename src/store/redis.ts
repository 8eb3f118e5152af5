// KeyValue in Redis. A command that gets no answer in time is an error, never a wait.
import { Cluster, type Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import { type KeyValue, oneByOne, type Steps } from './key-value.ts';
import { type Ask, createAsk } from './redis-ask.ts';
import { checkServers, masters, probeNames } from './redis-check.ts';
import { connectRedis, type RedisSettings, serversOf } from './redis-client.ts';
import { readRefusal } from './redis-greeting.ts';
import { createAskWrite } from './redis-replicas.ts';

/** An answer to a person must not wait longer than this on one command, or on a connection to send it over. */
const timeoutMs = 2000;

// An index is a sorted set: the score is the member's end by the server's own clock, the key's end is that of the last
// member. In one script, so that no index is ever left without an end.
const serverTime = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";
const addToIndexScript = `${serverTime}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
if ARGV[3] then
  for _, first in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1 - ARGV[3])) do redis.call('ZREM', KEYS[1], first) end
end
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
  const connection = connectRedis(settings, timeoutMs);
  const { client, causes } = connection;
  client.on('error', (error) => onError(new Error(causes.explain(error), { cause: error })));
  const together = createWriteTogether(client);
  const askOne = createAsk(connection, timeoutMs);
  const ask: Ask = (command) =>
    askOne(() => {
      together();
      return command();
    });
  const key = (name: string) => settings.keyPrefix + name;
  const write = createAskWrite(client, ask, settings.waitForReplicas ?? 0);
  const evaluate = createEvaluate(client, key);
  const set = async (name: string, value: Buffer, ttlMs: number, condition: 'NX' | 'XX') => {
    const args = [key(name), value, 'PX', milliseconds(ttlMs)] as const;
    const command = () => (condition === 'NX' ? client.set(...args, 'NX') : client.set(...args, 'XX'));
    return (await write(key(name), command)) === 'OK';
  };
  const create: KeyValue['create'] = (name, value, ttlMs) => set(name, value, ttlMs, 'NX');
  const take = async (name: string) => (await write(key(name), () => client.getdelBuffer(key(name)))) ?? undefined;
  const store: Operations = {
    read: async (name) => (await ask(() => client.getBuffer(key(name)))) ?? undefined,
    write: async (name, value, ttlMs) => {
      await write(key(name), () => client.set(key(name), value, 'PX', milliseconds(ttlMs)));
    },
    create,
    replace: (name, value, ttlMs) => set(name, value, ttlMs, 'XX'),
    swap: async (name, expected, value) =>
      (await write(key(name), () => evaluate(swapScript, [name], expected, value))) === 1,
    take,
    createThenTake: async ({ key: created, value, ttlMs }, taken) => {
      if (client instanceof Cluster) {
        const isCreated = await create(created, value, ttlMs);
        return { isCreated, taken: isCreated ? await take(taken) : undefined };
      }
      const command = () => evaluate(createThenTakeScript, [created, taken], value, milliseconds(ttlMs));
      const found = await write(key(created), command);
      return { isCreated: found !== null, taken: (found as [Buffer | null] | null)?.[0] ?? undefined };
    },
    inOrder: client instanceof Cluster ? oneByOne : inOneTrip,
    count: async (name, ttlMs, by = 1) =>
      (await ask(() => evaluate(countScript, [name], milliseconds(ttlMs), by))) as number,
    touch: async (name, ttlMs) => void (await ask(() => client.pexpire(key(name), milliseconds(ttlMs)))),
    remove: async (name) => void (await write(key(name), () => client.del(key(name)))),
    scan: async function* (prefix) {
      for await (const keys of scanKeys(client, key(prefix), ask)) {
        yield keys.map((name) => name.slice(settings.keyPrefix.length));
      }
    },
    ...indexOperations(ask, evaluate),
    removeFromIndex: async (name, member) => void (await ask(() => client.zrem(key(name), member))),
  };
  return {
    ...store,
    check: async () => {
      try {
        await ask(async () => {}); // only then the masters are known
        await Promise.all(probeNames(client, settings.keyPrefix).map((name) => exercise(store, name)));
        await checkServers(client, ask);
      } catch (cause) {
        const { message } = cause as Error;
        const refusal = /EPIPE|ECONNRESET/.test(message) ? await readRefusal(serversOf(settings)) : undefined;
        throw refusal === undefined ? cause : new BrokerError('store_unavailable', `Redis: ${refusal}`, { cause });
      }
    },
    close: async () => client.disconnect(),
  };
}

function indexOperations(ask: Ask, evaluate: ReturnType<typeof createEvaluate>) {
  return {
    addToIndex: async (name: string, member: string, ttlMs: number, most?: number) => {
      const limit = most === undefined ? [] : [most];
      await ask(() => evaluate(addToIndexScript, [name], member, milliseconds(ttlMs), ...limit));
    },
    readIndex: async (name: string) => ((await ask(() => evaluate(readIndexScript, [name]))) as Buffer[]).map(String),
  };
}

type Operations = Omit<KeyValue, 'check' | 'close'>;

/** Every operation on keys, in two trips: what a server refuses to do shows here, not in a person's sign-in. */
async function exercise(store: Operations, name: string): Promise<void> {
  const ttlMs = 1000;
  const [value, count, index] = [Buffer.from('1'), `${name}:count`, `${name}:index`];
  // Alone: an error that every command would get is met once.
  await store.create(name, value, ttlMs);
  await Promise.all([
    store.read(name),
    store.write(name, value, ttlMs),
    store.replace(name, value, ttlMs),
    store.swap(name, value, value),
    store.touch(name, ttlMs),
    store.createThenTake({ key: `${name}:mark`, value, ttlMs }, name),
    store.take(name),
    store.count(count, ttlMs),
    store.addToIndex(index, 'member', ttlMs, 1),
    store.readIndex(index),
    store.removeFromIndex(index, 'member'),
    ...[count, `${name}:mark`].map((each) => store.remove(each)),
  ]);
}

function createEvaluate(client: Redis | Cluster, key: (name: string) => string) {
  return (script: string, keys: readonly string[], ...args: (string | Buffer | number)[]) =>
    client
      .callBuffer('EVAL', script, keys.length, ...keys.map(key), ...args)
      .catch((error) => Promise.reject(withCommands(error, script)));
}

// Some versions say only that a command of the script is not permitted.
function withCommands(error: Error, script: string): Error {
  if (!/can't run this command|ACL failure/.test(error.message)) return error;
  const commands = new Set([...script.matchAll(/redis\.call\('(\w+)'/g)].map(([, command]) => command!.toLowerCase()));
  return new Error(`NOPERM one of ${[...commands].join(', ')}: ${error.message}`, { cause: error });
}

async function* scanKeys(client: Redis | Cluster, prefix: string, ask: Ask): AsyncIterable<string[]> {
  const pattern = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}*`;
  for (const node of masters(client)) {
    let cursor = '0';
    do {
      const [next, keys] = await ask(() => node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000));
      cursor = next;
      yield keys;
    } while (cursor !== '0');
  }
}

function milliseconds(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs));
}

/** Those that begin in one turn are written together; the server keeps the order. */
function inOneTrip<T extends readonly unknown[]>(steps: readonly [...Steps<T>]): Promise<T> {
  return Promise.all((steps as readonly (() => Promise<unknown>)[]).map((step) => step())) as unknown as Promise<T>;
}

/**
 * To be called before each command: the commands of one turn of the event loop, of all requests, go out in one write. Each
 * write is a system call, which costs more than the command.
 */
function createWriteTogether(client: Redis | Cluster): () => void {
  if (client instanceof Cluster) return () => {};
  let corked: Redis['stream'] | undefined;
  return () => {
    // Undefined until the driver connects for the first time.
    const { stream } = client;
    if (!stream || corked === stream) return;
    corked = stream;
    stream.cork();
    setImmediate(() => {
      corked = undefined;
      stream.uncork();
    });
  };
}
