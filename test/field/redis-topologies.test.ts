// The combinations of the table in docs/operations.md, each against real servers; and what the store says if one of them is wrong.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { keyPair } from '../support/key-pairs.ts';
import { valkeyServer } from '../support/parts/parts.ts';
import { freePort } from '../support/ports.ts';
import { startRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';
import { authority, certificate } from './support/redis-certificates.ts';
import { startTopology, type Topology, type Wanted } from './support/redis-topology.ts';

const topologies: readonly Topology[] = ['single', 'sentinel', 'cluster'];
const password = 'redis-password';
const hour = 3_600_000;
const [byName, byAddress] = await Promise.all([certificate(['localhost']), certificate(['127.0.0.1'])]);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function connect(settings: Partial<RedisSettings>) {
  const nothing = { url: undefined, sentinels: undefined, cluster: undefined, username: undefined, ca: undefined };
  const keyPrefix = `rolegate:${randomBytes(6).toString('hex')}:`;
  const store = createRedisStore({ ...nothing, password: undefined, tls: false, keyPrefix, ...settings }, () => {});
  cleanups.push(() => store.close());
  return store;
}

async function start(wanted: Wanted) {
  const started = await startTopology(wanted);
  cleanups.push(started.stop);
  return started;
}

async function works(settings: Partial<RedisSettings>): Promise<void> {
  const store = connect(settings);
  await waitFor('the store', () => store.check().then(() => true));
  for (let index = 0; index < 10; index++) {
    expect(await store.create(`key-${index}`, Buffer.from('value'), hour)).toBe(true);
    expect(await store.count(`count-${index}`, hour)).toBe(1);
  }
  const found = [];
  for await (const keys of store.scan('key-')) found.push(...keys);
  expect(found).toHaveLength(10);
}

/** What stops a start. */
async function refusal(settings: Partial<RedisSettings>): Promise<string> {
  return connect(settings)
    .check()
    .then(
      () => 'no refusal',
      ({ message }: Error) => message,
    );
}

const hostName = ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'];

describe.each(topologies)('supported: %s', (topology) => {
  const names = topology === 'cluster' ? { host: 'localhost', args: hostName } : { host: 'localhost' };

  test('plain', async () => {
    await works((await start({ topology, password })).settings);
  });

  test('plain, Valkey', async () => {
    await works((await start({ topology, password, program: valkeyServer() })).settings);
  });

  test('TLS, Valkey', async () => {
    await works((await start({ topology, password, tls: byName, ...names, program: valkeyServer() })).settings);
  });

  test('TLS by name', async () => {
    await works((await start({ topology, password, tls: byName, ...names })).settings);
  });

  test('TLS by address', async () => {
    await works((await start({ topology, password, tls: byAddress })).settings);
  });

  test('client certificates, and none is refused with a hint', async () => {
    const { settings } = await start({ topology, password, tls: byAddress, asksForCertificate: true });
    await works({ ...settings, client: byName });
    await waitForText(() => refusal(settings), 'client certificate');
  });

  test('the ACL of docs/operations.md', async () => {
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const line = /^user (rolegate .*)$/m.exec(text)![1]!.replace('PASSWORD', 'acl-password');
    const { settings } = await start({ topology, args: ['--user', ...line.split(' ')] });
    await works({ ...settings, username: 'rolegate', password: 'acl-password' });
    const fewer = await start({ topology, args: ['--user', ...line.replace('+getdel ', '').split(' ')] });
    const credentials = { username: 'rolegate', password: 'acl-password' };
    expect(await waitForText(() => refusal({ ...fewer.settings, ...credentials }), 'NOPERM')).toMatch(/getdel/);
  });
});

describe('supported: Sentinel', () => {
  const topology = 'sentinel';
  const sentinel = { lines: ['requirepass sentinel-password'] };

  test('with a password of its own, which is asked for', async () => {
    const { settings } = await start({ topology, password, sentinel });
    const sentinels = { ...settings.sentinels!, password: 'sentinel-password' };
    await works({ ...settings, sentinels });
    expect(await refusal(settings)).toMatch(/Sentinel 127\.0\.0\.1:\d+: NOAUTH/);
  });

  test('with the ACL user of docs/operations.md', async () => {
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const line = /^user (sentinel-rolegate .*)$/m.exec(text)![1]!.replace('PASSWORD', 'sentinel-password');
    const { settings } = await start({ topology, password, sentinel: { lines: ['user default off', `user ${line}`] } });
    const credentials = { username: 'sentinel-rolegate', password: 'sentinel-password' };
    await works({ ...settings, sentinels: { ...settings.sentinels!, ...credentials } });
  });

  test('in plain text, with servers of TLS', async () => {
    const { settings } = await start({ topology, password, tls: byAddress, sentinel: { plain: true } });
    await works({ ...settings, sentinels: { ...settings.sentinels!, tls: false } });
  });

  test('a database of its own', async () => {
    const { settings } = await start({ topology, password });
    await works({ ...settings, database: 3 });
  });

  test('a name that it does not know is named', async () => {
    const { settings } = await start({ topology, password });
    const sentinels = { ...settings.sentinels!, name: 'other' };
    await waitForText(() => refusal({ ...settings, sentinels }), 'knows no master of the name in store.sentinels.name');
  });
});

describe('supported: the endpoints that a Cluster announces', () => {
  test.each([
    ['ip', ['--cluster-announce-ip', '127.0.0.1', '--cluster-preferred-endpoint-type', 'ip']],
    ['hostname', hostName],
    ['hostname that no node has', ['--cluster-preferred-endpoint-type', 'hostname']],
    ['unknown-endpoint', ['--cluster-preferred-endpoint-type', 'unknown-endpoint']],
  ])('%s', async (_, args) => {
    await works((await start({ topology: 'cluster', password, args })).settings);
  });

  test('one node is down at the start', async () => {
    const { settings } = await start({ topology: 'cluster', password });
    const cluster = [{ host: '127.0.0.1', port: await freePort() }, ...settings.cluster!];
    await works({ ...settings, cluster });
  });
});

describe('supported: one server', () => {
  test('by IPv6, by a Unix socket with a password, and a user without a password', async () => {
    const { port, url } = await startSocket();
    await works({ url: `redis://[::1]:${port}/2`, password });
    await works({ url, password, database: 1 });
    await works({ url, username: 'open' });
  });

  test('a chain with an intermediate authority, whichever of both is in store.ca', async () => {
    const between = await makeKeyPair('Intermediate CA', { ca: authority, isCa: true });
    const leaf = await certificate(['127.0.0.1'], { ca: between });
    const tls = { key: leaf.key, cert: leaf.cert + between.cert };
    const { settings } = await start({ topology: 'single', password, tls });
    await works(settings);
    await works({ ...settings, ca: between.cert });
  });
});

async function startSocket() {
  const socket = `/tmp/rolegate-${randomBytes(6).toString('hex')}.sock`;
  const args = ['--bind', '127.0.0.1', '::1', '--unixsocket', socket, '--user', 'open', 'on', 'nopass', '~*', '+@all'];
  const redis = await startRedis({ password, args });
  cleanups.push(redis.stop);
  return { port: redis.port, url: `unix://${socket}` };
}

describe.each(topologies)('the cause is in the message: %s', (topology) => {
  test('certificates', async () => {
    const expired = await certificate(['127.0.0.1'], { notAfter: new Date('2024-06-01T00:00:00Z') });
    const [other, old] = await Promise.all([
      start({ topology, password, tls: byName }),
      // Nodes would not trust each other.
      start({ topology, password, tls: expired, nodes: 1 }),
    ]);
    await waitForText(() => refusal(other.settings), "does not match certificate's altnames");
    expect(await refusal({ ...other.settings, ca: keyPair('stranger').cert })).toMatch(/certificate/);
    await waitForText(() => refusal(old.settings), 'certificate has expired');
  });

  test('TLS on one side alone', async () => {
    const [plain, tls] = await Promise.all([
      start({ topology, password }),
      start({ topology, password, tls: byAddress }),
    ]);
    const port = plain.settings.url?.replace('redis:', 'rediss:');
    const toPlain = { ...plain.settings, ...(port ? { url: port } : { tls: true }), ca: authority.cert };
    await waitForText(() => refusal(toPlain), 'no TLS on this port?');
    const toTls = { ...tls.settings, tls: false, url: tls.settings.url?.replace('rediss:', 'redis:') };
    await waitForText(() => refusal(toTls), 'TLS?');
  });

  test('passwords', async () => {
    const { settings } = await start({ topology, password });
    expect(await waitForText(() => refusal({ ...settings, password: 'wrong' }), 'WRONGPASS')).not.toMatch(/: wrong/);
    expect(await waitForText(() => refusal({ ...settings, password: undefined }), 'NOAUTH')).toMatch(/no password/);
  });

  test('nothing listens, and something else does', async () => {
    const web = await startTalker('HTTP/1.1 400 Bad Request\r\n\r\n');
    const settings = (port: number): Partial<RedisSettings> => {
      const hosts = [{ host: '127.0.0.1', port }];
      if (topology === 'single') return { url: `redis://127.0.0.1:${port}` };
      return topology === 'cluster' ? { cluster: hosts } : { sentinels: { name: 'rolegate', hosts } };
    };
    const port = await freePort();
    expect(await refusal(settings(port))).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
    expect(await refusal(settings(web))).toMatch(/is this a Redis server/);
  });
});

async function waitForText(look: () => Promise<string>, text: string): Promise<string> {
  return waitFor(text, async () => {
    const said = await look();
    return said.includes(text) ? said : undefined;
  });
}

/** Says this to everyone. */
async function startTalker(text: string): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => socket.write(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

describe('not ready, and says why', () => {
  const config = (...args: string[]) => ({ args });
  test.each([
    ['a read-only replica', config('--replicaof', '127.0.0.1', '1'), /READONLY|MASTERDOWN/],
    ['full memory', config('--maxmemory', '100kb'), /OOM/],
    ['too few replicas', config('--min-replicas-to-write', '1'), /NOREPLICAS/],
    ['no more clients', config('--maxclients', '1'), /max number of clients/],
    ['eviction', config('--maxmemory-policy', 'allkeys-lru'), /noeviction, not allkeys-lru/],
  ])('%s', async (_, options, expected) => {
    const redis = await startRedis(options);
    cleanups.push(redis.stop);
    if (options.args[0] === '--maxclients') connect({ url: redis.url });
    const said = await waitFor('the refusal', async () => {
      const message = await refusal({ url: redis.url });
      return expected.test(message) ? message : undefined;
    });
    expect(said).toMatch(expected);
  });

  test('one of two masters is full', async () => {
    const { settings, ports } = await start({ topology: 'cluster', password });
    const store = connect(settings);
    await waitFor('the store', () => store.check().then(() => true));
    for (const port of ports) {
      const client = new Redis({ port, password });
      cleanups.push(() => client.disconnect());
      await client.config('SET', 'maxmemory', '100kb');
      await expect(store.check()).rejects.toMatchObject({ message: expect.stringContaining('OOM') });
      await client.config('SET', 'maxmemory', '0');
    }
    await store.check();
  });
});
