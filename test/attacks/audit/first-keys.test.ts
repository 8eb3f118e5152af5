// The keys that a process believes first are on record, and so is what changed together with a restart.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createFixture, identityProvider } from '../../broker/idp-metadata/support/directory-fixture.ts';
import * as server from '../../broker/idp-metadata/support/metadata-server.ts';
import { createTestClock } from '../../support/clock.ts';
import { keyPair } from '../../support/key-pairs.ts';

let source: server.MetadataServer;
const [first, second] = [keyPair('idp-signing'), keyPair('idp-signing-next')] as const;
beforeAll(async () => {
  source = await server.startMetadataServer();
});
afterAll(() => source.close());
beforeEach(() => source.answer(server.document(metadata(first))));

function metadata(signing: typeof first): string {
  const input = { entityId: 'http://adfs.example/adfs/services/trust', url: 'https://adfs.example' };
  return buildMetadata({ ...input, signing, secondarySigning: undefined, encryption: second }).replace(
    /<ds:Signature[\s\S]*?<\/ds:Signature>/,
    '',
  );
}

const clock = createTestClock();
const keyValue = createMemoryStore(clock);
const restart = async (keyStore = keyValue) => {
  const fixture = createFixture([identityProvider('adfs', { url: source.url })], {
    ...{ fetch: source.fetch, keyStore, clock, requireHttps: false },
  });
  await fixture.directory.start();
  return fixture;
};
const fingerprint = expect.stringMatching(/^[0-9A-F:]{64,}$/i);

test('the first start says so, the next compares, and a key exchanged with a restart is a change', async () => {
  const event = { event: 'idp_keys_in_force', idp: 'adfs', certificates: [fingerprint] };
  const unchanged = { addedCertificates: [], removedCertificates: [] };
  expect((await restart()).keys).toEqual([
    expect.objectContaining({ ...event, ...unchanged, comparison: 'first_start' }),
  ]);
  const again = await restart();
  expect(again.keys).toEqual([expect.objectContaining({ ...event, ...unchanged, comparison: 'previous_start' })]);
  await again.next('look');
  await again.next('fetch');
  expect(again.keys).toHaveLength(1);
});

test('what changed while no process ran is in the record of the next start', async () => {
  const keyStore = createMemoryStore(clock);
  await restart(keyStore);
  source.answer(server.document(metadata(second)));
  const { keys, log } = await restart(keyStore);
  const change = { comparison: 'previous_start', addedCertificates: [fingerprint], removedCertificates: [fingerprint] };
  expect(keys).toEqual([expect.objectContaining(change)]);
  expect(log.map(({ msg }) => msg)).toContain('identity provider keys have changed since the previous start');
});

test('without a record the keys are not believed', async () => {
  const fixture = createFixture([identityProvider('adfs', { url: source.url })], {
    ...{ fetch: source.fetch, clock, requireHttps: false },
  });
  fixture.audit.isDown = true;
  await fixture.directory.start();
  expect(() => fixture.directory.find('adfs')).toThrow('metadata never read');
  fixture.audit.isDown = false;
  await fixture.next('fetch');
  expect(fixture.directory.find('adfs').metadata.signingCertificates).toHaveLength(1);
  expect(fixture.keys).toHaveLength(1);
});
