// Configuration of metadata: the metadata we trust, the metadata we publish, and contradictions.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildMetadata } from '../../emulators/adfs/metadata.ts';
import { makeKeyPair } from '../../emulators/keys.ts';
import { ns } from '../../src/saml/names.ts';
import { metadataLimits, readXml } from '../../src/saml/xml/xml-reader.ts';
import { attributeOf, childrenOf, walk } from '../../src/saml/xml/xml-tree.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createTestClock } from '../support/clock.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../support/xmlsec1.ts';
import { validateWithXsd } from '../support/xsd.ts';
import {
  change,
  createWorkplace,
  goodProduction,
  load,
  now,
  problemsOf,
  type Raw,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  const [idp, next] = [keyPair('idp-signing'), keyPair('idp-signing-next')];
  const encryption = keyPair('idp-encryption');
  workplace.writePair('idp', idp);
  workplace.writePair('next', next);
  workplace.writePair('weak', await makeKeyPair('weak', { bits: 1024 }));
  const input = { entityId: 'http://adfs.example/adfs/services/trust', url: 'https://adfs.example', encryption };
  const signed = buildMetadata({ ...input, signing: idp, secondarySigning: undefined });
  workplace.write('signed.xml', signed);
  workplace.write('unsigned.xml', signed.replace(/<ds:Signature .*?<\/ds:Signature>/s, ''));
  workplace.write('not-a.crt', 'nothing');
  const leaf = await makeKeyPair('leaf', { ca: keyPair('tls-ca') });
  workplace.write('chain.crt', leaf.cert + keyPair('tls-ca').cert);
  workplace.write('both.crt', `the next one\n${next.cert}\nthe one in use\n${idp.cert}`);
});
afterAll(() => workplace.remove());

const withMetadata = (metadata: Raw) => change(goodProduction(), 'identityProviders[0].metadata', metadata);
const path = 'identityProviders[0].metadata';

describe('metadata files are judged by the rules of the configuration', () => {
  const good: [string, Raw][] = [
    ['signed by the pinned key', { file: 'signed.xml', signingCertificate: 'idp.crt' }],
    ['signed by the second of two pinned keys', { file: 'signed.xml', signingCertificate: 'both.crt' }],
    ['without validUntil where none is asked for', { file: 'signed.xml', maxValidity: '14d' }],
  ];
  for (const [name, metadata] of good) {
    test(`${name}: good`, async () => expect(await problemsOf(workplace, withMetadata(metadata))).toEqual([]));
  }

  const bad: [string, Raw, RegExp][] = [
    ['signed by another', { file: 'signed.xml', signingCertificate: 'next.crt' }, /\.file: not signed by a key/],
    ['unsigned', { file: 'unsigned.xml', signingCertificate: 'idp.crt' }, /\.file: the metadata is not signed/],
    ['without the validUntil asked for', { file: 'signed.xml', requireValidUntil: true }, /\.file: .*no validUntil/],
    [
      'with a pin that is not a certificate',
      { file: 'signed.xml', signingCertificate: 'not-a.crt' },
      /\.signingCertificate: not-a\.crt is not a PEM/,
    ],
    [
      'with a pin that is not there',
      { file: 'signed.xml', signingCertificate: 'absent.crt' },
      /\.signingCertificate: cannot read/,
    ],
    [
      'with a pin and the authority of it',
      { url: 'https://adfs.example/m', signingCertificate: 'chain.crt' },
      /\.signingCertificate: chain\.crt contains the authority CN=/,
    ],
    [
      'with a pin that is too weak',
      { url: 'https://adfs.example/m', signingCertificate: 'weak.crt' },
      /\.signingCertificate: its RSA key has 1024/,
    ],
    ['with a validity below an hour', { file: 'signed.xml', maxValidity: '30m' }, /\.maxValidity: must be between/],
  ];
  for (const [name, metadata, problem] of bad) {
    test(`${name}: one problem`, async () => {
      const problems = await problemsOf(workplace, withMetadata(metadata));
      expect(problems).toEqual([expect.stringMatching(problem)]);
      expect(problems[0]).toContain(path);
    });
  }
});

test('in production people are sent to https only, also to sign out', async () => {
  const xml = readFileSync(workplace.path('idp-metadata.xml'), 'utf8');
  const plain = xml.replace(/(<SingleLogoutService [^>]*Location=")https/g, '$1http');
  workplace.write('plain-logout.xml', plain);
  expect(await problemsOf(workplace, withMetadata({ file: 'plain-logout.xml' }))).toEqual([
    `${path}: its logout address is not https`,
  ]);
});

describe('two identity providers', () => {
  const second = (metadata: Raw) => {
    const [first] = goodProduction()['identityProviders'] as Raw[];
    return { ...first, id: 'second', metadata };
  };
  const both = (one: Raw, two: Raw) => {
    const raw = withMetadata(one);
    return { ...raw, identityProviders: [...(raw['identityProviders'] as Raw[]), second(two)] };
  };
  const url = 'https://federation.example/metadata.xml';
  const twins = 'identityProviders[1].metadata: is the same identity provider as adfs';

  test('of one entityID are a problem', async () => {
    expect(await problemsOf(workplace, both({ file: 'idp-metadata.xml' }, { file: 'signed.xml' }))).toEqual([twins]);
  });
  test('of one address are a problem', async () => {
    expect(await problemsOf(workplace, both({ url }, { url }))).toEqual([twins]);
  });
  test('of one address with different entityIDs are none: a federation has one document for all', async () => {
    expect(await problemsOf(workplace, both({ url, entityId: 'a' }, { url, entityId: 'b' }))).toEqual([]);
  });
});

describe('what we publish', () => {
  const full = () => {
    const changes: [string, unknown][] = [
      ['serviceProvider.nextSigning', [{ cert: 'next.crt' }, { key: 'idp.key', cert: 'idp.crt' }]],
      ['serviceProvider.metadata', { signed: true, validFor: '7d' }],
      ['serviceProvider.contact', { name: 'Cloud team', email: 'cloud@corp.example' }],
      ['serviceProvider.organization', { name: 'Corp', url: 'https://corp.example' }],
      ['aws.nextSigning', 'next.crt'],
    ];
    return changes.reduce((raw, [key, value]) => change(raw, key, value), goodProduction());
  };
  const certificatesIn = (xml: string) => {
    const keys = [...walk(readXml(xml, metadataLimits))].filter(({ name }) => name === 'KeyDescriptor');
    return keys.map((key) => [...walk(key)].find(({ name }) => name === 'X509Certificate')!.text);
  };
  const base64 = (pair: KeyPair) => pair.cert.replace(/-----[^-]+-----|\s/g, '');

  test('is signed, valid by schema, and shows every certificate of a rollover, for SAML and for minting', async () => {
    const config = await load(workplace, full());
    const { sp: ours, aws } = publishMetadata(config, createTestClock(now));
    const sp = await ours();
    await validateWithXsd(sp, 'metadata');
    await validateWithXsd(aws, 'metadata');
    await verifyWithXmlsec1(sp, config.serviceProvider.signing!.certificate);
    // Those to come, then the one in use.
    const published = [keyPair('idp-signing-next'), keyPair('idp-signing')].map(base64);
    expect(certificatesIn(sp)).toEqual([
      ...published,
      config.serviceProvider.signing!.certificate.replace(/-----[^-]+-----|\s/g, ''),
    ]);
    expect(certificatesIn(aws)).toHaveLength(2);
    expect(certificatesIn(aws)[1]).toBe(base64(keyPair('idp-signing-next')));
  });

  test('says at most an hour less than validFor, and is the same document within the hour', async () => {
    const clock = createTestClock(new Date('2026-03-02T09:59:00Z'));
    const documents = publishMetadata(await load(workplace, full()), clock);
    const validUntil = async () => attributeOf(readXml(await documents.sp(), metadataLimits), 'validUntil');
    expect(await validUntil()).toBe('2026-03-09T09:00:00Z');
    const before = await documents.sp();
    clock.advance(59_000);
    expect(await documents.sp()).toBe(before);
    clock.advance(1000);
    expect(await validUntil()).toBe('2026-03-09T10:00:00Z');
  });

  test('without any of it is small: one key, no contact, no signature, no end', async () => {
    const { sp } = publishMetadata(await load(workplace, goodProduction()), createTestClock(now));
    const root = readXml(await sp(), metadataLimits);
    expect(root.children.map(({ name }) => name)).toEqual(['SPSSODescriptor']);
    expect(root.attributes.map(({ name }) => name)).toEqual(['entityID']);
    expect(childrenOf(root.children[0]!, ns.metadata, 'KeyDescriptor')).toHaveLength(1);
  });

  const bad: [string, unknown, RegExp][] = [
    ['serviceProvider.nextSigning', [{ cert: 'absent.crt' }], /^serviceProvider\.nextSigning\[0\]\.cert: cannot read/],
    ['serviceProvider.nextSigning', [{ cert: 'weak.crt' }], /^serviceProvider\.nextSigning\[0\]\.cert: its RSA key/],
    [
      'serviceProvider.nextSigning',
      [{ key: 'idp.key', cert: 'next.crt' }],
      /^serviceProvider\.nextSigning\[0\]\.cert: is not the cert/,
    ],
    ['serviceProvider.contact', { name: 'Cloud', email: 'nobody' }, /^serviceProvider\.contact\.email: /],
    [
      'serviceProvider.contact',
      { name: 'Cl\u0000oud', email: 'a@corp.example' },
      /^serviceProvider\.contact\.name: holds a control/,
    ],
    [
      'serviceProvider.organization',
      { name: 'Corp', url: 'ftp://corp.example' },
      /^serviceProvider\.organization\.url: /,
    ],
    ['serviceProvider.metadata', { validFor: '1h' }, /^serviceProvider\.metadata\.validFor: must be between/],
    ['aws.nextSigning', 'not-a.crt', /^aws\.nextSigning: not-a\.crt is not a PEM/],
  ];
  for (const [key, value, problem] of bad) {
    test(`${key} ${JSON.stringify(value)} is a problem`, async () => {
      const problems = await problemsOf(workplace, change(goodProduction(), key, value));
      expect(problems).toEqual([expect.stringMatching(problem)]);
    });
  }

  test('cannot be signed without a key', async () => {
    const raw = change(
      change(goodProduction(), 'serviceProvider.metadata', { signed: true }),
      'serviceProvider.signing',
      undefined,
    );
    expect(await problemsOf(workplace, raw)).toEqual([
      'serviceProvider.metadata.signed: needs serviceProvider.signing',
    ]);
  });
});
