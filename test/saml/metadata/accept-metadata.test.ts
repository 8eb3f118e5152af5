// Which metadata is believed: validUntil, its absence, its distance, cacheDuration.
import { beforeAll, describe, expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { signElement } from '../../../emulators/adfs/signing.ts';
import { makeKeyPair } from '../../../emulators/keys.ts';
import type { SamlReason } from '../../../src/errors.ts';
import { acceptMetadata, isExpired, type MetadataRules } from '../../../src/saml/metadata/accept-metadata.ts';
import { readIdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { refusal } from '../support/refusals.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const anything: MetadataRules = {
  entityId: undefined,
  signingCertificates: undefined,
  requireValidUntil: false,
  maxValidityMs: undefined,
};
const weekMs = 7 * 86_400_000;

let keys: { signing: KeyPair; encryption: KeyPair; expired: KeyPair };
let adfs: string;
beforeAll(async () => {
  const [signing, encryption, expired] = await Promise.all([
    keyPair('idp-signing'),
    keyPair('idp-encryption'),
    makeKeyPair('expired', {
      privateKey: keyPair('stranger').key,
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2021-01-01T00:00:00Z'),
    }),
  ]);
  keys = { signing, encryption, expired };
  adfs = metadata(signing);
});

function metadata(signing: KeyPair): string {
  const xml = buildMetadata({
    entityId: 'http://adfs.example/adfs/services/trust',
    url: 'https://adfs.example',
    signing,
    secondarySigning: undefined,
    encryption: keys.encryption,
  });
  return xml.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '');
}

/** With attributes on the root, the role, or an aggregate around it. */
function withAttributes({ root = '', role = '', around }: { root?: string; role?: string; around?: string }): string {
  const xml = adfs
    .replace('<EntityDescriptor', `<EntityDescriptor${root}`)
    .replace('<IDPSSODescriptor', `<IDPSSODescriptor${role}`);
  if (around === undefined) return xml;
  return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"${around}>${xml}</EntitiesDescriptor>`;
}

const until = (instant: string) => ` validUntil="${instant}"`;

describe('metadata is believed', () => {
  const cases: [string, () => string, Partial<MetadataRules>][] = [
    ['without validUntil, as AD FS and Entra ID publish it', () => adfs, {}],
    [
      'valid for one more second',
      () => withAttributes({ root: until('2026-03-02T09:00:01Z') }),
      { requireValidUntil: true },
    ],
    [
      'valid exactly as long as it may be',
      () => withAttributes({ root: until('2026-03-09T09:00:00Z') }),
      { maxValidityMs: weekMs },
    ],
    ['without validUntil although its distance is bounded', () => adfs, { maxValidityMs: weekMs }],
    ['signed by the pinned key', () => signed(keys.signing), { signingCertificates: ['signing'] }],
    ['whose certificates have ended: the key is what counts [Kantara IIP-MD12]', () => metadata(keys.expired), {}],
  ];
  for (const [name, make, rules] of cases) {
    test(name, () => {
      expect(acceptMetadata(make(), resolve(rules), now).entityId).toBe('http://adfs.example/adfs/services/trust');
    });
  }
});

describe('metadata is not believed', () => {
  const cases: [string, SamlReason, () => string, Partial<MetadataRules>][] = [
    [
      'from the instant of its validUntil on',
      'expired',
      () => withAttributes({ root: until('2026-03-02T09:00:00Z') }),
      {},
    ],
    [
      'when only the role has ended',
      'expired',
      () => withAttributes({ root: until('2027-01-01T00:00:00Z'), role: until('2026-03-01T00:00:00Z') }),
      {},
    ],
    [
      'when the aggregate around it has ended',
      'expired',
      () => withAttributes({ root: until('2027-01-01T00:00:00Z'), around: until('2026-03-01T00:00:00Z') }),
      {},
    ],
    ['without the validUntil that is asked for', 'malformed', () => adfs, { requireValidUntil: true }],
    [
      'valid for longer than it may be',
      'malformed',
      () => withAttributes({ root: until('2026-03-09T09:00:01Z') }),
      { maxValidityMs: weekMs },
    ],
    [
      'with a validUntil that is not an instant',
      'malformed',
      () => withAttributes({ root: until('2027-02-30T00:00:00Z') }),
      {},
    ],
    ['unsigned where a key is pinned', 'signature', () => adfs, { signingCertificates: ['signing'] }],
    [
      'signed by another than the pinned key',
      'signature',
      () => signed(keys.encryption),
      { signingCertificates: ['signing'] },
    ],
    ['above 2 MiB', 'too_large', () => `${adfs}${' '.repeat(2 * 1024 * 1024)}`, {}],
    [
      'with a sign-in address that runs in the page',
      'malformed',
      () => adfs.replaceAll('https://adfs.example/adfs/ls/', 'javascript:alert(1)'),
      {},
    ],
    [
      'with a sign-in address that is relative',
      'malformed',
      () => adfs.replaceAll('https://adfs.example/adfs/ls/', '/adfs/ls/'),
      {},
    ],
  ];
  for (const [name, reason, make, rules] of cases) {
    test(name, () => {
      expect(() => acceptMetadata(make(), resolve(rules), now)).toThrow(expect.objectContaining(refusal(reason)));
    });
  }
});

/** The certificate is named in the tables, for it is made later. */
function resolve(rules: Partial<MetadataRules>): MetadataRules {
  const pinned = rules.signingCertificates === undefined ? {} : { signingCertificates: [keys.signing.cert] };
  return { ...anything, ...rules, ...pinned };
}

function signed(key: KeyPair): string {
  const [, id] = / ID="([^"]+)"/.exec(adfs)!;
  return signElement(adfs, { id: id!, key });
}

test('it ends while it is in use', () => {
  const read = acceptMetadata(withAttributes({ root: until('2026-03-02T10:00:00Z') }), anything, now);
  expect(isExpired(read, new Date('2026-03-02T09:59:59.999Z'))).toBe(false);
  expect(isExpired(read, new Date('2026-03-02T10:00:00Z'))).toBe(true);
  expect(isExpired(readIdpMetadata(adfs), new Date('2200-01-01T00:00:00Z'))).toBe(false);
});

describe('cacheDuration', () => {
  const hour = 3_600_000;
  const good: [string, number][] = [
    ['PT6H', 6 * hour],
    ['PT5M', hour / 12],
    ['P1D', 24 * hour],
    ['P1DT1H1M1.5S', 25 * hour + 61_000],
    ['P1M', 30 * 24 * hour],
    ['P1Y', 365 * 24 * hour],
  ];
  for (const [text, milliseconds] of good) {
    test(`${text} is read`, () => {
      const xml = withAttributes({ root: ` cacheDuration="${text}"` });
      expect(readIdpMetadata(xml).cacheDurationMs).toBe(milliseconds);
    });
  }
  for (const text of ['', 'P', 'PT', '6H', '-P1D', 'P1H', 'PT1D', 'P1.5D']) {
    test(`'${text}' costs a warning`, () => {
      const { cacheDurationMs, warnings } = readIdpMetadata(withAttributes({ root: ` cacheDuration="${text}"` }));
      expect(cacheDurationMs).toBeUndefined();
      expect(warnings).toEqual([expect.stringContaining('cacheDuration')]);
    });
  }

  test('of the shortest level counts; without one there is none', () => {
    const xml = withAttributes({
      root: ' cacheDuration="P1D"',
      role: ' cacheDuration="PT1H"',
      around: ' cacheDuration="P7D"',
    });
    expect(readIdpMetadata(xml).cacheDurationMs).toBe(hour);
    expect(readIdpMetadata(adfs).cacheDurationMs).toBeUndefined();
  });
});
