// The life of identity providers' metadata in one process: read, refreshed, kept when a refresh fails, ended when it is out
// of date. What processes share is shared-metadata.test.ts.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { signElement } from '../../../emulators/adfs/signing.ts';
import { certificateFacts } from '../../../src/saml/metadata/certificate.ts';
import { readIdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { createFixture, identityProvider, refreshMs } from './support/directory-fixture.ts';
import * as server from './support/metadata-server.ts';

let source: server.MetadataServer;
const keys = {
  one: keyPair('idp-signing'),
  two: keyPair('idp-signing-next'),
  encryption: keyPair('idp-encryption'),
};
let directory: string;
beforeAll(async () => {
  source = await server.startMetadataServer();
  directory = mkdtempSync(join(tmpdir(), 'rolegate-directory-'));
});
afterAll(async () => {
  await source.close();
  rmSync(directory, { recursive: true });
});
beforeEach(() => source.answer(server.document(metadata())));

interface Wish {
  readonly signing?: readonly KeyPair[];
  readonly host?: string;
  readonly attributes?: string;
  readonly scheme?: string;
}

/** Unsigned, as only its content matters here. */
function metadata({
  signing = [keys.one],
  host = 'adfs.example',
  attributes = '',
  scheme = 'https',
}: Wish = {}): string {
  const entityId = `http://${host}/adfs/services/trust`;
  const [first, secondarySigning] = signing;
  return buildMetadata({
    entityId,
    url: `${scheme}://${host}`,
    signing: first!,
    secondarySigning,
    encryption: keys.encryption,
  })
    .replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '')
    .replace('<EntityDescriptor', `<EntityDescriptor${attributes}`);
}

const fingerprint = (pair: KeyPair) => certificateFacts(pair.cert).fingerprint;
const adfs = (rules = {}) => identityProvider('adfs', { url: source.url, rules });
const started = async (options: Parameters<typeof createFixture>[1] = {}, rules = {}) => {
  const fixture = createFixture([adfs(rules)], { fetch: source.fetch, ...options });
  await fixture.directory.start();
  return fixture;
};
const certificatesOf = (fixture: ReturnType<typeof createFixture>) =>
  fixture.directory.find('adfs').metadata.signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
const errors = (fixture: ReturnType<typeof createFixture>) => fixture.log.filter(({ level }) => level === 'error');

describe('a directory', () => {
  test('trusts no provider before it has read metadata, and tells loading from unknown', async () => {
    const { directory } = createFixture([adfs()], { fetch: source.fetch });
    expect(() => directory.find('adfs')).toThrow(expect.objectContaining({ code: 'idp_unavailable' }));
    expect(() => directory.find('other')).toThrow(expect.objectContaining({ code: 'not_found' }));
    await directory.start();
    expect(directory.find('adfs').metadata).toEqual(readIdpMetadata(metadata()));
    expect(directory.list().map(({ id }) => id)).toEqual(['adfs']);
  });

  test('starts although the identity provider is down, and finds it later by itself', async () => {
    source.answer(server.notFound);
    const fixture = await started();
    expect(() => fixture.directory.find('adfs')).toThrow(expect.objectContaining({ code: 'idp_unavailable' }));
    source.answer(server.document(metadata()));
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one)]);
  });

  test('says at the first reading whom it believes from now on', async () => {
    const fixture = await started();
    expect(fixture.log.find(({ msg }) => msg === 'identity provider metadata read')).toMatchObject({
      ...{ idp: 'adfs', origin: 'url', entityId: 'http://adfs.example/adfs/services/trust' },
      certificates: [fingerprint(keys.one)],
    });
    expect(fixture.audit.events).toEqual([]);
  });

  test('is silent after it was stopped', async () => {
    const fixture = await started();
    fixture.directory.stop();
    await expect(fixture.next('fetch')).rejects.toThrow('no fetch is planned');
  });
});

describe('the next fetch comes', () => {
  const hour = 3_600_000;
  // Half of a jitter of 10 %.
  const cases: [string, string, number][] = [
    ['after the configured time', '', refreshMs * 0.95],
    ['after cacheDuration where that is shorter', ' cacheDuration="PT1H"', hour * 0.95],
    ['after the configured time where cacheDuration is longer', ' cacheDuration="P2D"', refreshMs * 0.95],
    ['halfway to validUntil where that is near', ' validUntil="2026-03-02T11:00:00Z"', hour * 0.95],
  ];
  for (const [name, attributes, inMs] of cases) {
    test(name, async () => {
      source.answer(server.document(metadata({ attributes })));
      const fixture = await started();
      expect(await fixture.next('fetch')).toBeCloseTo(inMs, 0);
    });
  }

  test('twice as late after each failure, up to an hour, and as usual after a success', async () => {
    const fixture = await started();
    source.answer(server.notFound);
    await fixture.next('fetch');
    const delays: number[] = [];
    for (let i = 0; i < 9; i++) delays.push(await fixture.next('fetch'));
    // Half of a jitter of 50 %.
    const seconds = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].map((each) => each * 0.75);
    expect(delays.map((ms) => Math.round(ms / 10) / 100)).toEqual(seconds);
    source.answer(server.document(metadata()));
    await fixture.next('fetch');
    expect(await fixture.next('fetch')).toBeCloseTo(refreshMs * 0.95, 0);
    expect(errors(fixture).at(-1)).toMatchObject({ idp: 'adfs', failures: 10, keeps: true });
  });
});

describe('the last good copy stays when the address answers', () => {
  const bad: [string, () => server.Answer, RegExp][] = [
    ['with an error', () => server.notFound, /answered 404/],
    ['with a redirect', () => server.redirect, /redirect/],
    ['with a sign-in page', () => server.signInPage, /./],
    ['with too much', () => server.endless, /2 MiB/],
    ['with half of it', () => server.document(metadata().split('</')[0]!), /not closed/],
    ['with nothing', () => server.document(''), /./],
    [
      'with metadata out of date',
      () => server.document(metadata({ attributes: ' validUntil="2026-03-02T09:00:00Z"' })),
      /was valid until/,
    ],
    [
      'with metadata of a service provider',
      () => server.document(metadata().replaceAll('IDPSSODescriptor', 'SPSSODescriptor')),
      /no entity/,
    ],
    ['with a sign-in address that is not https', () => server.document(metadata({ scheme: 'http' })), /not https/],
  ];
  for (const [name, answer, detail] of bad) {
    test(name, async () => {
      const fixture = await started();
      source.answer(answer());
      await fixture.next('fetch');
      expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one)]);
      expect(errors(fixture)).toHaveLength(1);
      expect(errors(fixture)[0]).toMatchObject({ idp: 'adfs', detail: expect.stringMatching(detail), keeps: true });
      expect(fixture.audit.events).toEqual([]);
    });
  }

  test('outside production a sign-in address may be http', async () => {
    source.answer(server.document(metadata({ scheme: 'http' })));
    const fixture = await started({ requireHttps: false });
    expect(fixture.directory.find('adfs').metadata.ssoRedirectUrl).toBe('http://adfs.example/adfs/ls/');
  });
});

describe('a change of what we believe', () => {
  test('of keys is on record before it counts, with fingerprints', async () => {
    const fixture = await started();
    source.answer(server.document(metadata({ signing: [keys.one, keys.two] })));
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one), fingerprint(keys.two)]);
    source.answer(server.document(metadata({ signing: [keys.two] })));
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.two)]);
    const event = { event: 'idp_metadata_changed', idp: 'adfs', origin: 'url', changed: {} };
    expect(fixture.audit.events).toEqual([
      { ...event, addedCertificates: [fingerprint(keys.two)], removedCertificates: [] },
      { ...event, addedCertificates: [], removedCertificates: [fingerprint(keys.one)] },
    ]);
  });

  test('of addresses and of the entityID is on record', async () => {
    const fixture = await started();
    source.answer(server.document(metadata({ host: 'sts.example' })));
    await fixture.next('fetch');
    expect(fixture.audit.events).toMatchObject([
      {
        changed: {
          entityId: 'http://sts.example/adfs/services/trust',
          ssoRedirectUrl: 'https://sts.example/adfs/ls/',
          sloRedirectUrl: 'https://sts.example/adfs/ls/',
        },
      },
    ]);
  });

  test('does not count while it cannot be recorded', async () => {
    const fixture = await started();
    source.answer(server.document(metadata({ signing: [keys.two] })));
    fixture.audit.isDown = true;
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one)]);
    fixture.audit.isDown = false;
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.two)]);
  });

  test('is none where only what we do not use differs', async () => {
    const fixture = await started();
    source.answer(server.document(metadata({ attributes: ' validUntil="2027-03-02T11:00:00Z"' })));
    await fixture.next('fetch');
    expect(fixture.audit.events).toEqual([]);
    expect(fixture.directory.find('adfs').metadata.validUntil).toEqual(new Date('2027-03-02T11:00:00Z'));
  });
});

describe('metadata that ends while it is in use', () => {
  test('stops its identity provider at that instant, is reported once, and comes back with the next good copy', async () => {
    source.answer(server.document(metadata({ attributes: ' validUntil="2026-03-02T10:00:00Z"' })));
    const fixture = await started();
    source.answer(server.notFound);
    fixture.clock.set(new Date('2026-03-02T09:59:59.999Z'));
    expect(certificatesOf(fixture)).toHaveLength(1);
    fixture.clock.advance(1);
    for (let i = 0; i < 3; i++) {
      expect(() => fixture.directory.find('adfs')).toThrow(
        expect.objectContaining({ code: 'idp_unavailable', details: { idp: 'adfs' } }),
      );
    }
    await fixture.next('look');
    expect(errors(fixture).filter(({ msg }) => /out of date/.test(String(msg)))).toHaveLength(1);
    source.answer(server.document(metadata()));
    await fixture.next('fetch');
    expect(certificatesOf(fixture)).toHaveLength(1);
  });

  test('is reported by the next look without a sign-in', async () => {
    source.answer(server.document(metadata({ attributes: ' validUntil="2026-03-02T09:00:30Z"' })));
    const fixture = await started();
    await fixture.next('look');
    expect(errors(fixture).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/out of date: sign-ins with it are refused/),
    ]);
  });
});

describe('with a pinned key', () => {
  const signed = (by: KeyPair) => {
    const xml = metadata();
    return signElement(xml, { id: / ID="([^"]+)"/.exec(xml)![1]!, key: by });
  };
  const pinned = () => ({ signingCertificates: [keys.two.cert] });

  test('metadata signed by it is read', async () => {
    source.answer(server.document(signed(keys.two)));
    expect(certificatesOf(await started({}, pinned()))).toEqual([fingerprint(keys.one)]);
  });

  const bad: [string, () => string][] = [
    ['unsigned', () => metadata()],
    ['signed by the key that it announces itself', () => signed(keys.one)],
    ['with one byte changed', () => signed(keys.two).replace('Sample service desk', 'sample service desk')],
  ];
  for (const [name, xml] of bad) {
    test(`metadata ${name} is not`, async () => {
      source.answer(server.document(xml()));
      const fixture = await started({}, pinned());
      expect(() => fixture.directory.find('adfs')).toThrow(expect.objectContaining({ code: 'idp_unavailable' }));
      expect(errors(fixture)[0]).toMatchObject({ detail: expect.stringMatching(/sign|digest/), keeps: false });
    });
  }
});

test('an address that announces the entityID of another identity provider is not believed', async () => {
  const other = identityProvider('other', {}, readIdpMetadata(metadata()));
  const fixture = createFixture([other, adfs()], { fetch: source.fetch });
  await fixture.directory.start();
  expect(() => fixture.directory.find('adfs')).toThrow(expect.objectContaining({ code: 'idp_unavailable' }));
  expect(errors(fixture)[0]).toMatchObject({ idp: 'adfs', detail: 'it has the entityID of identity provider other' });
});

describe('a metadata file', () => {
  let mtime = Date.parse('2026-01-01T00:00:00Z') / 1000;
  const file = () => join(directory, 'idp.xml');
  const write = (xml: string, at = ++mtime) => {
    writeFileSync(file(), xml);
    utimesSync(file(), at, at);
  };
  const startedFromFile = async () => {
    write(metadata());
    const fixture = createFixture([identityProvider('adfs', { file: file() }, readIdpMetadata(metadata()))]);
    await fixture.directory.start();
    return fixture;
  };

  test('is read again when it has changed, and only then', async () => {
    const fixture = await startedFromFile();
    const before = fixture.directory.find('adfs').metadata;
    await fixture.next('look');
    expect(fixture.directory.find('adfs').metadata).toBe(before);
    write(metadata({ signing: [keys.two] }));
    await fixture.next('look');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.two)]);
    expect(fixture.audit.events).toMatchObject([{ origin: 'file', addedCertificates: [fingerprint(keys.two)] }]);
  });

  test('may come from a backup: an older date is a change as well', async () => {
    const fixture = await startedFromFile();
    write(metadata({ signing: [keys.two] }), 1_000_000_000);
    await fixture.next('look');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.two)]);
  });

  test('that is bad now leaves what was known, and is reported once', async () => {
    const fixture = await startedFromFile();
    write(metadata().slice(0, 2000));
    for (let i = 0; i < 3; i++) await fixture.next('look');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one)]);
    expect(errors(fixture)).toHaveLength(1);
    expect(errors(fixture)[0]).toMatchObject({ msg: 'identity provider metadata not applied', keeps: true });
  });

  test('that is gone leaves what was known', async () => {
    const fixture = await startedFromFile();
    rmSync(file());
    await fixture.next('look');
    expect(certificatesOf(fixture)).toEqual([fingerprint(keys.one)]);
    expect(errors(fixture)[0]).toMatchObject({ detail: expect.stringMatching(/ENOENT/) });
  });
});
