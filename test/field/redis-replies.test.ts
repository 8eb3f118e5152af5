// What a real Redis answers while it cannot serve: in the message that ends a start, on /readyz, to people and in the log.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleConfig } from '../../examples/demo/start.ts';
import { endsWithUs, killed } from '../support/children.ts';
import { keyPair, writeKeyPairs } from '../support/key-pairs.ts';
import { freeConsecutivePorts, freePort } from '../support/ports.ts';
import { type RedisOptions, startRedis, type TestRedis } from '../support/redis.ts';
import { buildServerProgram, type ServerProgram } from '../support/server-program.ts';
import { waitFor } from '../support/wait.ts';
import { entity, keyOf, redirectSso } from './support/metadata.ts';

let program: ServerProgram;
beforeAll(async () => {
  program = await buildServerProgram();
});
afterAll(() => program.remove());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function redisWith(options: RedisOptions): Promise<TestRedis> {
  const redis = await startRedis(options);
  cleanups.push(redis.stop);
  return redis;
}

function admin({ url }: TestRedis): Redis {
  const client = new Redis(url, { enableReadyCheck: false });
  client.on('error', () => {});
  cleanups.push(() => client.disconnect());
  return client;
}

interface Broker {
  readonly child: ChildProcess;
  readonly port: number;
  readonly stderr: () => string;
  readonly log: () => Record<string, unknown>[];
}

/** `rolegate-server start`, as people run it. */
async function start(store: Record<string, unknown>): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-start-'));
  writeKeyPairs(directory, { sp: 'sp-signing', aws: 'minting' });
  writeFileSync(
    join(directory, 'idp-metadata.xml'),
    entity({ keys: keyOf(keyPair('idp-signing')), services: redirectSso }),
  );
  const port = await freeConsecutivePorts(4);
  const file = join(directory, 'rolegate.yaml');
  writeFileSync(file, stringify({ ...sampleConfig({ port }), store: { type: 'redis', ...store } }));
  const child = endsWithUs(
    spawn(process.execPath, [program.file, 'start', '--config', file], {
      env: { ...process.env, SESSION_SECRET: 'a secret of the tests, 32 characters and more' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  cleanups.push(async () => {
    await killed(child);
    rmSync(directory, { recursive: true, force: true });
  });
  const log = () => stdout.split('\n').flatMap((line) => (line.startsWith('{') ? JSON.parse(line) : []));
  return { child, port, stderr: () => stderr, log };
}

/** The text that ends a start. */
async function failedStart(store: Record<string, unknown>): Promise<string> {
  const { child, stderr } = await start(store);
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(1);
  // The driver warns in front, of what it misreads.
  return stderr().replace(/^\[WARN\].*\n/, '');
}

/** Loads for minutes, as after a restart with many keys; answers when it does. */
async function load(client: Redis): Promise<void> {
  await client.call('DEBUG', 'POPULATE', 50_000);
  await client.config('SET', 'loading-process-events-interval-bytes', '1024');
  await client.config('SET', 'key-load-delay', '2000');
  client.call('DEBUG', 'RELOAD').catch(() => {});
}

/** Cannot write its file, as on a full disk. */
async function failToSave(client: Redis): Promise<string> {
  const [, directory] = (await client.config('GET', 'dir')) as [string, string];
  const inTheWay = join(directory, 'dump.rdb');
  mkdirSync(inTheWay);
  await client.set('one', 'write');
  await client.bgsave();
  await waitFor('the failure', async () => /rdb_last_bgsave_status:err/.test(await client.info('persistence')));
  return inTheWay;
}

const saves = ['--save', '3600', '1'];
const debug = ['--enable-debug-command', 'yes', '--lua-time-limit', '50'];
/** Of this machine, beyond loopback. */
const outside = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

describe('a start ends with the cause', () => {
  test('nothing listens', async () => {
    const port = await freePort();
    expect(await failedStart({ url: `redis://127.0.0.1:${port}` })).toBe(
      `rolegate-server: Redis: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    );
  });

  test('a certificate that is not trusted', async () => {
    const { url } = await redisWith({ tls: true });
    expect(await failedStart({ url })).toMatch(/^rolegate-server: Redis: .*certificate/);
  });

  test('a user that may not do everything', async () => {
    const user = ['rolegate', 'on', '>pw', '~*', '+@all', '-getdel'];
    const { url } = await redisWith({ args: ['--user', ...user] });
    const text = await failedStart({ url, username: 'rolegate', password: 'pw' });
    expect(text).toMatch(/^rolegate-server: Redis: NOPERM .*getdel/);
  });

  test('no password', async () => {
    const { port } = await redisWith({ password: 'secret' });
    expect(await failedStart({ url: `redis://127.0.0.1:${port}` })).toMatch(
      /^rolegate-server: Redis: NOAUTH .*\(no password is configured\)\n$/,
    );
  });

  test('it loads', async () => {
    const redis = await redisWith({ args: debug });
    await load(admin(redis));
    expect(await failedStart({ url: redis.url })).toBe(
      'rolegate-server: Redis: LOADING Redis is loading the dataset in memory\n',
    );
  });

  test('it cannot save', async () => {
    const redis = await redisWith({ args: saves });
    await failToSave(admin(redis));
    expect(await failedStart({ url: redis.url })).toMatch(/^rolegate-server: Redis: MISCONF /);
  });

  test('a Cluster without slots, named as Cluster and as one server', async () => {
    const { url, port } = await redisWith({ args: ['--cluster-enabled', 'yes'] });
    expect(await failedStart({ cluster: [{ host: '127.0.0.1', port }] })).toMatch(
      /^rolegate-server: Redis: 127\.0\.0\.1:\d+: CLUSTERDOWN no node serves a slot/,
    );
    expect(await failedStart({ url })).toMatch(/^rolegate-server: Redis: CLUSTERDOWN Hash slot not served/);
  });

  test('one server named as a Cluster', async () => {
    const { port } = await redisWith({});
    expect(await failedStart({ cluster: [{ host: '127.0.0.1', port }] })).toMatch(
      /^rolegate-server: Redis: .*cluster support disabled/,
    );
  });

  test('protected mode', async () => {
    expect(outside).toBeDefined();
    const { port } = await redisWith({ args: ['--bind', '127.0.0.1', outside!] });
    expect(await failedStart({ url: `redis://${outside}:${port}` })).toMatch(
      /^rolegate-server: Redis: [\d.:]+: DENIED Redis is running in protected mode/,
    );
  });
});

test('while it runs: /readyz is 503, people get 503, the log has the reply, and all of it ends with the cause', async () => {
  const redis = await redisWith({ args: [...debug, ...saves] });
  const [client, other] = [admin(redis), admin(redis)];
  const { port, log, stderr } = await start({ url: redis.url });
  const ask = (at: number, path: string) =>
    fetch(`http://127.0.0.1:${at}${path}`, { redirect: 'manual' }).then(
      ({ status }) => status,
      () => undefined,
    );
  const ready = (status: number) =>
    waitFor(`/readyz with ${status}: ${stderr()}`, async () => (await ask(port + 3, '/readyz')) === status);
  await ready(200);
  const states: [RegExp, () => Promise<unknown>, () => Promise<unknown>][] = [
    [
      /^Redis: BUSY /,
      async () => void client.call('EVAL', 'while true do end', 0).catch(() => {}),
      () => other.call('SCRIPT', 'KILL'),
    ],
    [/^Redis: READONLY /, () => client.replicaof('127.0.0.1', 1), () => client.replicaof('NO', 'ONE')],
    [/^Redis: OOM /, () => client.config('SET', 'maxmemory', '1'), () => client.config('SET', 'maxmemory', '0')],
    [
      /^Redis: MISCONF /,
      () => failToSave(client),
      async () => {
        const [, directory] = (await client.config('GET', 'dir')) as [string, string];
        rmdirSync(join(directory, 'dump.rdb'));
        await client.config('SET', 'save', '');
      },
    ],
    [/^Redis: LOADING /, () => load(client), () => other.config('SET', 'key-load-delay', '0')],
  ];
  for (const [reply, begin, end] of states) {
    await begin();
    await ready(503);
    await waitFor(`the log of ${reply}`, async () => {
      await ask(port + 3, '/readyz');
      return log().some(({ msg, detail }) => msg === 'not ready' && reply.test(String(detail)));
    });
    expect([reply, await ask(port, '/login')]).toEqual([reply, 503]);
    await end();
    await ready(200);
    expect([reply, await ask(port, '/login')]).toEqual([reply, 303]);
  }
});
