// Which key of a KeyDescriptor counts, by XML Signature §4.5.4.
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { base64FromPem } from '../../../src/saml/metadata/certificate.ts';
import { readIdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { refusal } from '../support/refusals.ts';

let root: KeyPair;
let intermediate: KeyPair;
let leaf: KeyPair;
let renewed: KeyPair;
const stranger = keyPair('stranger');

beforeAll(async () => {
  root = await makeKeyPair('root', { isCa: true });
  intermediate = await makeKeyPair('intermediate', { ca: root, isCa: true });
  leaf = await makeKeyPair('leaf', { ca: intermediate, notAfter: new Date('2030-01-01T00:00:00Z') });
  renewed = await makeKeyPair('leaf', { privateKey: leaf.key });
});

const x509Data = (...pairs: readonly KeyPair[]) =>
  `<X509Data>${pairs.map(({ cert }) => `<X509Certificate>${base64FromPem(cert)}</X509Certificate>`).join('')}</X509Data>`;
const keyValue = ({ cert }: KeyPair) => {
  const { n, e } = new X509Certificate(cert).publicKey.export({ format: 'jwk' });
  const binary = (value: string | undefined) => Buffer.from(value ?? '', 'base64url').toString('base64');
  return `<KeyValue><RSAKeyValue><Modulus>${binary(n)}</Modulus><Exponent>${binary(e)}</Exponent></RSAKeyValue></KeyValue>`;
};
const descriptor = (content: string) =>
  `<md:KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">${content}</KeyInfo></md:KeyDescriptor>`;

const document = (...keyInfos: readonly string[]) =>
  '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp">' +
  '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
  keyInfos.map(descriptor).join('') +
  '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp/sso"/>' +
  '</md:IDPSSODescriptor></md:EntityDescriptor>';

const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
const read = (...keyInfos: readonly string[]) =>
  readIdpMetadata(document(...keyInfos)).signingCertificates.map(fingerprint);

describe('the key of a KeyDescriptor is the end of its chain', () => {
  const rows: readonly (readonly [string, () => string, () => KeyPair])[] = [
    ['one certificate', () => x509Data(leaf), () => leaf],
    ['leaf, then its chain', () => x509Data(leaf, intermediate, root), () => leaf],
    ['the chain, then its leaf', () => x509Data(root, intermediate, leaf), () => leaf],
    ['in no order', () => x509Data(intermediate, leaf, root), () => leaf],
    ['without the authority between', () => x509Data(intermediate, leaf), () => leaf],
    ['an X509Data for each', () => x509Data(root) + x509Data(leaf) + x509Data(intermediate), () => leaf],
    ['the same certificate twice', () => x509Data(leaf) + x509Data(leaf), () => leaf],
    ['two certificates of one key: the one that ends later', () => x509Data(leaf, renewed), () => renewed],
    ['the same, the other way round', () => x509Data(renewed, leaf), () => renewed],
    ['an authority that signs by itself', () => x509Data(root), () => root],
    ['KeyValue and certificate', () => keyValue(leaf) + x509Data(leaf), () => leaf],
    ['KeyValue and chain', () => keyValue(leaf) + x509Data(root, intermediate, leaf), () => leaf],
    ['KeyValue that picks one of two', () => keyValue(stranger) + x509Data(leaf, stranger), () => stranger],
    ['KeyValue of the authority', () => keyValue(intermediate) + x509Data(leaf, intermediate), () => intermediate],
  ];
  for (const [name, content, expected] of rows) {
    test(name, () => expect(read(content())).toEqual([fingerprint(expected().cert)]));
  }

  test('each KeyDescriptor has its own', () => {
    expect(read(x509Data(leaf, intermediate, root), x509Data(stranger))).toEqual([leaf, stranger].map(certOf));
    expect(read(x509Data(leaf, intermediate), x509Data(leaf))).toEqual([certOf(leaf)]);
  });

  test('a KeyDescriptor with a KeyValue alone is skipped beside one with a certificate', () => {
    expect(read(keyValue(stranger), x509Data(leaf))).toEqual([certOf(leaf)]);
    expect(() => read(keyValue(stranger))).toThrow('no signing certificate');
  });

  test('the rules for signing keys do not apply to its authority', async () => {
    const old = await makeKeyPair('old authority', { bits: 1024, isCa: true });
    const signing = await makeKeyPair('signing', { ca: old });
    expect(read(x509Data(old, signing))).toEqual([certOf(signing)]);
    expect(() => read(x509Data(old))).toThrow('too weak');
  });
});

const certOf = ({ cert }: KeyPair) => fingerprint(cert);

describe('refused, because it does not name one key', () => {
  const rows: readonly (readonly [string, () => string, RegExp])[] = [
    ['two unrelated certificates', () => x509Data(leaf, stranger), /KeyDescriptor 1: 2 unrelated certificates/],
    ['in an X509Data each', () => x509Data(leaf) + x509Data(stranger), /KeyDescriptor 1: 2 unrelated certificates/],
    [
      'two leaves of one authority',
      () => x509Data(leaf, intermediate, stranger, root),
      /KeyDescriptor 1: 2 unrelated certificates/,
    ],
    [
      'a KeyValue that is in none',
      () => keyValue(stranger) + x509Data(leaf),
      /KeyDescriptor 1: no certificate contains/,
    ],
    [
      'an empty KeyValue',
      () => `<KeyValue><RSAKeyValue/></KeyValue>${x509Data(leaf)}`,
      /KeyDescriptor 1: no certificate contains/,
    ],
    [
      'a certificate that is unreadable beside a good one',
      () => x509Data(leaf).replace('</X509Data>', '<X509Certificate>AAAA</X509Certificate></X509Data>'),
      /KeyDescriptor 1: /,
    ],
  ];
  for (const [name, content, message] of rows) {
    test(name, () => {
      expect(() => read(content())).toThrow(expect.objectContaining(refusal('malformed')));
      expect(() => read(content())).toThrow(message);
    });
  }
});
