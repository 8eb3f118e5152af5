// What processes of one broker share: the last good copy of each identity provider's metadata, through the store.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { systemClock } from '../../../src/clock.ts';
import { BrokerError } from '../../../src/errors.ts';
import type { KeyValue } from '../../../src/store/key-value.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createRedisStore } from '../../../src/store/redis.ts';
import { createDumpedStore, leaks } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { createFixture, type DirectoryFixture, identityProvider, secrets } from './support/directory-fixture.ts';
import * as server from './support/metadata-server.ts';

let source: server.MetadataServer;
const pairs = [keyPair('idp-signing'), keyPair('idp-signing-next'), keyPair('idp-encryption')] as const;
beforeAll(async () => {
  source = await server.startMetadataServer();
});
afterAll(() => source.close());
beforeEach(() => source.answer(server.document(metadata(0))));

/** Of an identity provider that signs with the first or the second key. */
function metadata(signing: 0 | 1, attributes = ''): string {
  const input = { entityId: 'http://adfs.example/adfs/services/trust', url: 'https://adfs.example' };
  return buildMetadata({ ...input, signing: pairs[signing]!, secondarySigning: undefined, encryption: pairs[2]! })
    .replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '')
    .replace('<EntityDescriptor', `<EntityDescriptor${attributes}`);
}

const adfs = (url = source.url, rules = {}) => identityProvider('adfs', { url, rules });
const processOf = (keyValue: KeyValue, clock = createTestClock(), idp = adfs(), more = {}) =>
  createFixture([idp], { fetch: source.fetch, keyValue, clock, ...more });
const unavailable = expect.objectContaining({ code: 'idp_unavailable' });

/** Which of the two keys is believed. */
function keyOf(fixture: DirectoryFixture): number {
  const [pem] = fixture.directory.find('adfs').metadata.signingCertificates;
  return pairs.findIndex(({ cert }) => cert.replace(/\s/g, '') === pem!.replace(/\s/g, ''));
}

const stores: [string, (clock: { now: () => Date }) => KeyValue][] = [
  ['memory', (clock) => createMemoryStore(clock)],
  ['Redis', () => createRedisStore(redisSettings(), () => {})],
];

function redisSettings() {
  const keyPrefix = `shared-metadata-${process.pid}-${Math.floor(performance.now() * 1000)}:`;
  const none = { sentinels: undefined, cluster: undefined, username: undefined, password: undefined, ca: undefined };
  return { ...none, url: inject('redisUrl'), tls: false, keyPrefix };
}

for (const [name, open] of stores) {
  describe(`with ${name}`, () => {
    const clock = createTestClock(systemClock.now());
    let keyValue: KeyValue;
    beforeEach(() => {
      keyValue = open(clock);
    });
    afterEach(() => keyValue.close());

    test('a process that starts while the identity provider is down goes on with what another had fetched', async () => {
      await processOf(keyValue, clock).directory.start();
      source.answer(server.notFound);
      const restarted = processOf(keyValue, clock);
      await restarted.directory.start();
      expect(keyOf(restarted)).toBe(0);
      expect(restarted.log.some(({ msg, keeps }) => msg === 'identity provider metadata not read' && keeps)).toBe(true);
    });

    test('what one has fetched the others take up at their next look, and put it on record', async () => {
      const [one, two] = [processOf(keyValue, clock), processOf(keyValue, clock)];
      await one.directory.start();
      await two.directory.start();
      source.answer(server.document(metadata(1)));
      await one.next('fetch');
      source.answer(server.notFound);
      expect([keyOf(one), keyOf(two)]).toEqual([1, 0]);
      await two.next('look');
      expect(keyOf(two)).toBe(1);
      expect(two.audit.events).toMatchObject([{ event: 'idp_metadata_changed', origin: 'store' }]);
    });

    test('a process that starts learns at once that a key has changed meanwhile, and records it', async () => {
      await processOf(keyValue, clock).directory.start();
      source.answer(server.document(metadata(1)));
      clock.advance(1);
      const restarted = processOf(keyValue, clock);
      await restarted.directory.start();
      expect(keyOf(restarted)).toBe(1);
      expect(restarted.audit.events).toMatchObject([{ event: 'idp_metadata_changed', origin: 'url' }]);
    });
  });
}

describe('a copy in the store', () => {
  test('that was lost is put there again', async () => {
    const { keyValue, clock, dump } = createDumpedStore();
    const one = processOf(keyValue, clock);
    await one.directory.start();
    for (const [key] of await dump()) await keyValue.remove(key);
    await one.next('look');
    source.answer(server.notFound);
    const two = processOf(keyValue, clock);
    await two.directory.start();
    expect(keyOf(two)).toBe(0);
  });

  test('that is older than the known one changes nothing, and is replaced', async () => {
    const { keyValue, clock, dump, plant } = createDumpedStore();
    const one = processOf(keyValue, clock);
    await one.directory.start();
    const [key, old] = (await dump())[0]!;
    source.answer(server.document(metadata(1)));
    await one.next('fetch');
    await plant(key, old);
    await one.next('look');
    expect(keyOf(one)).toBe(1);
    const two = processOf(keyValue, clock);
    source.answer(server.notFound);
    await two.directory.start();
    expect(keyOf(two)).toBe(1);
  });

  test('shows nothing to a thief of the database, and one that a thief made counts for nothing', async () => {
    const { keyValue, clock, dump, plant } = createDumpedStore();
    await processOf(keyValue, clock).directory.start();
    const [key] = (await dump())[0]!;
    expect(leaks(await dump(), ['adfs.example', 'EntityDescriptor', ...secrets])).toEqual([]);
    const stranger = createDumpedStore();
    source.answer(server.document(metadata(1)));
    await processOf(stranger.keyValue, clock, adfs(), { secrets: ['x'.repeat(40)] }).directory.start();
    await plant(key, (await stranger.dump())[0]![1]);
    source.answer(server.notFound);
    const two = processOf(keyValue, clock);
    await two.directory.start();
    expect(() => two.directory.find('adfs')).toThrow(unavailable);
  });

  const rejudged: [string, (clock: ReturnType<typeof createTestClock>) => ReturnType<typeof adfs> | undefined][] = [
    ['came from another address than the one configured now', () => adfs(`${source.url}?other`)],
    ['is not signed by the key that is pinned now', () => adfs(source.url, { signingCertificates: [pairs[1]!.cert] })],
    ['does not have the validUntil that is required now', () => adfs(source.url, { requireValidUntil: true })],
    ['was fetched more than 30 days ago', (clock) => void clock.advance(30 * 86_400_000 + 1)],
  ];
  for (const [name, change] of rejudged) {
    test(`is passed over if it ${name}`, async () => {
      const clock = createTestClock();
      const keyValue = createMemoryStore({ now: () => new Date('2026-03-02T09:00:00Z') });
      await processOf(keyValue, clock).directory.start();
      source.answer(server.notFound);
      const twin = processOf(keyValue, clock);
      await twin.directory.start();
      expect(keyOf(twin)).toBe(0);
      const idp = change(clock) ?? adfs();
      const changed = processOf(keyValue, clock, idp);
      await changed.directory.start();
      expect(() => changed.directory.find('adfs')).toThrow(unavailable);
    });
  }

  test('that has ended is passed over', async () => {
    source.answer(server.document(metadata(0, ' validUntil="2026-03-02T10:00:00Z"')));
    const clock = createTestClock();
    const keyValue = createMemoryStore(clock);
    await processOf(keyValue, clock).directory.start();
    clock.set(new Date('2026-03-02T10:00:00Z'));
    source.answer(server.notFound);
    const two = processOf(keyValue, clock);
    await two.directory.start();
    expect(() => two.directory.find('adfs')).toThrow(unavailable);
    // Said once by the first look, not once a minute.
    await two.next('look');
    expect(two.log.filter(({ msg }) => msg === 'identity provider metadata not taken up')).toHaveLength(1);
  });

  test('sealed with a former secret is read after a new one was put in front, and sealed with that too', async () => {
    const clock = createTestClock();
    const keyValue = createMemoryStore(clock);
    await processOf(keyValue, clock).directory.start();
    source.answer(server.notFound);
    const stranger = processOf(keyValue, clock, adfs(), { secrets: ['y'.repeat(40)] });
    await stranger.directory.start();
    expect(() => stranger.directory.find('adfs')).toThrow(unavailable);
    const two = processOf(keyValue, clock, adfs(), { secrets: ['y'.repeat(40), ...secrets] });
    await two.directory.start();
    expect(keyOf(two)).toBe(0);
    const three = processOf(keyValue, clock, adfs(), { secrets: ['y'.repeat(40)] });
    await three.directory.start();
    expect(keyOf(three)).toBe(0);
  });
});

test('a store that is down does not affect fetched metadata', async () => {
  const clock = createTestClock();
  const down = () => Promise.reject(new BrokerError('store_unavailable', 'Redis: no answer in time'));
  const keyValue = { ...createMemoryStore(clock), read: down, create: down, write: down };
  const fixture = processOf(keyValue, clock);
  await fixture.directory.start();
  expect(keyOf(fixture)).toBe(0);
  expect(fixture.log.map(({ msg }) => msg)).toContain('identity provider metadata not stored');
});
