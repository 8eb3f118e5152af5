// The gauge of keys without a certificate: it counts from the first use by any process, and goes on over restarts and reloads.
import { createPublicKey } from 'node:crypto';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { addKeyAges, keysInUse } from '../../../src/wiring/gauges/key-ages.ts';
import { createDumpedStore, testStorage } from '../../store/support.ts';
import { keyPair } from '../../support/key-pairs.ts';

const day = 86_400;

test('ages go on in another process, begin again with another key, and are not numbers while the store is away', async () => {
  const { keyValue, clock } = createDumpedStore();
  let isAway = false;
  const read: typeof keyValue.read = (key) => (isAway ? Promise.reject(new Error('away')) : keyValue.read(key));
  const records = createSharedRecords('own-keys', testStorage({ ...keyValue, read }, clock));
  let webIdentityKey = 'first';
  const startProcess = () => {
    const registry = new Registry();
    const keys = () => [
      { use: 'audit' as const, id: 'audit key' },
      { use: 'web-identity' as const, id: webIdentityKey },
    ];
    addKeyAges(registry, { keys, records, clock });
    return async () =>
      [...(await registry.metrics()).matchAll(/^rolegate_key_age_seconds\{use="([\w-]+)"\} (\w+)$/gm)].map(
        ([, use, seconds]) => [use, seconds],
      );
  };
  const shown = startProcess();
  expect(await shown()).toEqual([
    ['audit', '0'],
    ['web-identity', '0'],
  ]);
  clock.advance(3 * day * 1000);
  webIdentityKey = 'second';
  expect(await shown()).toEqual([
    ['audit', String(3 * day)],
    ['web-identity', '0'],
  ]);
  clock.advance(day * 1000);
  const later = startProcess();
  isAway = true;
  expect(await later()).toEqual([
    ['audit', 'Nan'],
    ['web-identity', 'Nan'],
  ]);
  isAway = false;
  expect(await later()).toEqual([
    ['audit', String(4 * day)],
    ['web-identity', String(day)],
  ]);
});

test('a record that was deleted does not make a key younger while a process remembers it', async () => {
  const { keyValue, clock } = createDumpedStore();
  const names = new Set<string>();
  const write: typeof keyValue.write = (key, ...rest) => {
    names.add(key);
    return keyValue.write(key, ...rest);
  };
  const records = createSharedRecords('own-keys', testStorage({ ...keyValue, write }, clock));
  const startProcess = () => {
    const registry = new Registry();
    addKeyAges(registry, { keys: () => [{ use: 'audit', id: 'audit key' }], records, clock });
    return async () => Number(/^rolegate_key_age_seconds\{use="audit"\} (\d+)$/m.exec(await registry.metrics())?.[1]);
  };
  const deleteRecord = () => Promise.all([...names].map((name) => keyValue.remove(name)));
  const [first, second] = [startProcess(), startProcess()];
  expect(await first()).toBe(0);
  clock.advance(5 * day * 1000);
  await deleteRecord();
  // One that starts now finds nothing, until one that remembers has written it again.
  expect(await second()).toBe(0);
  expect([await first(), await second(), await startProcess()()]).toEqual([5 * day, 5 * day, 5 * day]);
  await deleteRecord();
  expect([await first(), await startProcess()()]).toEqual([5 * day, 5 * day]);
});

test('the keys are the one that signs the audit trail and the first one for AWS; a configuration without them has none', () => {
  const publicKey = createPublicKey(keyPair('minting').cert);
  const audit = { sinks: [], signing: { signer: { publicKey } } } as unknown as Config['audit'];
  const aws = { webIdentity: { keys: [{ keyId: 'one' }, { keyId: 'two' }] } } as unknown as Config['aws'];
  expect(keysInUse({ audit, aws })).toEqual([
    { use: 'audit', id: expect.stringMatching(/^[\w-]{43}$/) },
    { use: 'web-identity', id: 'one' },
  ]);
  const none = { audit: { sinks: [], signing: undefined }, aws: {} } as unknown as Config;
  expect(keysInUse(none)).toEqual([]);
});
