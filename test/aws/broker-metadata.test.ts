import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseProviderMetadata } from '../../emulators/aws/saml/saml-metadata.ts';
import { brokerMetadataXml } from '../../src/aws/broker-metadata.ts';
import { keyPair } from '../support/key-pairs.ts';
import { all, certificateOf, parse } from './support/minting.ts';

const pairs = [keyPair('minting'), keyPair('minting-next')] as const;

const metadata = (issuer: string, count = 1) =>
  brokerMetadataXml({
    issuer,
    signInUrl: 'https://b/?a=1&b=2',
    certificates: pairs.slice(0, count).map(certificateOf),
  });

describe('brokerMetadataXml', () => {
  test('is taken by IAM: long enough with the shortest of names, without byte order mark', () => {
    const xml = metadata('a');
    expect(xml.length).toBeGreaterThanOrEqual(1000);
    expect(xml.charCodeAt(0)).toBe('<'.charCodeAt(0));
    expect(parseProviderMetadata(xml).entityId).toBe('a');
  });

  test('gives every key of a rotation, the current one first', () => {
    const { keys } = parseProviderMetadata(metadata('https://rolegate.example.com/aws/saml-metadata.xml', 2));
    const spki = { type: 'spki', format: 'pem' } as const;
    expect(keys.map((key) => key.export(spki))).toEqual(pairs.map((pair) => createPublicKey(pair.cert).export(spki)));
  });

  test('escapes configured values', () => {
    const document = parse(metadata('urn:<a>&"b"'));
    expect(document.documentElement.getAttribute('entityID')).toBe('urn:<a>&"b"');
    expect(all(document, 'SingleSignOnService')[0]?.getAttribute('Location')).toBe('https://b/?a=1&b=2');
  });

  test('never ends: IAM would let the provider end with it', () => {
    expect(metadata('a')).not.toMatch(/validUntil|cacheDuration/);
  });

  test('holds no private key', () => expect(metadata('a', 2)).not.toContain('PRIVATE'));
});
