// The session directory on a Cluster, while its slots move, and behind Sentinel: with real servers.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSessionDirectory } from '../../src/broker/session-directory.ts';
import { sessionEntryShape } from '../../src/broker/session-entry.ts';
import { createSessionStore } from '../../src/broker/sign-in/session-store.ts';
import { createEntries } from '../../src/store/entries.ts';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import type { RedisSettings } from '../../src/store/redis-client.ts';
import { createTestClock } from '../support/clock.ts';
import { type RedisSet, startCluster, startSentinelSet } from './redis-sets.ts';
import { testStorage } from './support.ts';

let cluster: RedisSet;
let sentinel: Awaited<ReturnType<typeof startSentinelSet>>;
beforeAll(async () => {
  [cluster, sentinel] = await Promise.all([startCluster(), startSentinelSet()]);
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), sentinel?.stop()]);
});

const people = ['alice', 'bob'];
const each = 20;
const hour = 3_600_000;

function connect(settings: Partial<RedisSettings>): KeyValue {
  const nothing = { url: undefined, username: undefined, password: undefined, ca: undefined, tls: false };
  const sets = { sentinels: undefined, cluster: undefined };
  return createRedisStore({ ...nothing, ...sets, keyPrefix, ...settings }, () => {});
}
const keyPrefix = `test-${randomBytes(6).toString('hex')}:`;

/** With forty browser sessions of two people. */
async function directoryOver(keyValue: KeyValue) {
  const clock = createTestClock();
  const storage = testStorage(keyValue, clock);
  const entries = createEntries(sessionEntryShape, storage);
  const sessions = createSessionStore(storage, entries);
  const now = clock.now().getTime();
  const ids: string[] = [];
  for (const user of people) {
    for (let count = 0; count < each; count++) {
      const id = randomBytes(32).toString('base64url');
      const identity = { idp: 'adfs', user, groups: [], attributes: {}, authnContexts: [], authnInstant: now };
      const signedIn = { identity, assertionId: '_a', expiresAt: now + hour } as never;
      const entry = { kind: 'browser', idp: 'adfs', user, signedInAt: now, expiresAt: now + hour } as const;
      await sessions.create(id, { signedIn }, hour, { ...entry, userAgent: 'test', address: '192.0.2.1' });
      ids.push(id);
    }
  }
  const records = { browser: sessions, cli: sessions };
  const directory = createSessionDirectory({ entries, records, audit: { record: async () => {} } });
  const living = async () => {
    const handles = await Promise.all(ids.map((id) => keyValue.read(`session:${sessions.handleOf(id)}`)));
    return handles.filter((found) => found !== undefined).length;
  };
  return { directory, living };
}

async function listsAndEnds(keyValue: KeyValue): Promise<void> {
  const { directory, living } = await directoryOver(keyValue);
  expect(await living()).toBe(2 * each);
  const { total, sessions } = await directory.list({ user: 'alice' });
  expect([total, new Set(sessions.map(({ user }) => user))]).toEqual([each, new Set(['alice'])]);
  expect(await directory.end({ id: sessions[0]!.id }, 'test')).toBe(1);
  expect(await directory.end({ user: 'alice' }, 'test')).toBe(each - 1);
  expect([await living(), (await directory.list({})).total]).toEqual([each, each]);
  expect(await directory.end({ idp: 'adfs' }, 'test')).toBe(each);
  expect([await living(), (await directory.list({})).total]).toEqual([0, 0]);
}

test('lists and ends sessions behind Sentinel', async () => {
  const keyValue = connect({ sentinels: { name: sentinel.name, hosts: sentinel.hosts } });
  await listsAndEnds(keyValue);
  await keyValue.close();
});

test('lists and ends sessions on all nodes of a Cluster', async () => {
  const keyValue = connect({ cluster: cluster.hosts });
  await listsAndEnds(keyValue);
  await keyValue.close();
});

test('ends sessions whose entry moves from a node that is still to be read to one that was read', async () => {
  const keyValue = connect({ cluster: cluster.hosts });
  let isMoved = false;
  const moving: KeyValue = {
    ...keyValue,
    scan: async function* (prefix) {
      const found: string[] = [];
      for await (const keys of keyValue.scan(prefix)) {
        yield keys;
        found.push(...keys);
        if (isMoved || found.length === 0) continue;
        isMoved = true;
        await moveAllTo(found[0]!);
      }
    },
  };
  const { directory, living } = await directoryOver(moving);
  expect(await directory.end({ idp: 'adfs' }, 'test')).toBe(2 * each);
  expect(await living()).toBe(0);
  await keyValue.close();
});

/** Every entry to the node that has this one, as an operator's tool moves slots. */
async function moveAllTo(key: string): Promise<void> {
  const clients = cluster.servers.map(({ url }) => new Redis(url));
  try {
    const ids = await Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'MYID'))));
    const keys = await Promise.all(clients.map((client) => client.keys(`${keyPrefix}entry:*`)));
    // The others answer MOVED.
    const answers = await Promise.allSettled(clients.map((client) => client.exists(keyPrefix + key)));
    const target = answers.findIndex(({ status }) => status === 'fulfilled');
    const { port } = cluster.servers[target]!;
    for (const [source, client] of clients.entries()) {
      if (source === target) continue;
      for (const name of keys[source]!) {
        const slot = String(await client.call('CLUSTER', 'KEYSLOT', name));
        await clients[target]!.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[source]!);
        await client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[target]!);
        for (const each of (await client.call('CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[])
          await client.call('MIGRATE', '127.0.0.1', port, each, '0', '5000');
        for (const one of [clients[target]!, client]) await one.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids[target]!);
      }
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}
