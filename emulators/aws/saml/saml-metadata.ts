// Reads the metadata of a SAML provider the way IAM does when the provider is created: entityID and every signing certificate.
import { type KeyObject, X509Certificate } from 'node:crypto';
import { attributeOf, childrenNamed, parseXml, textOf, walk } from '../xml/xml-tree.ts';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SAML_PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const MIN_CHARACTERS = 1000;
const MIN_KEY_BITS = 1024;
const MAX_KEYS = 10;

/** What IAM keeps of a metadata document. */
export interface ProviderMetadata {
  readonly entityId: string;
  readonly keys: readonly KeyObject[];
}

/** Parses IdP metadata. @throws Error with the reason IAM would answer as InvalidInput */
export function parseProviderMetadata(text: string): ProviderMetadata {
  if (text.startsWith('\uFEFF')) throw new Error('Could not parse metadata: byte order mark');
  if (text.length < MIN_CHARACTERS) throw new Error(`metadata has fewer than ${MIN_CHARACTERS} characters`);
  const root = parseXml(text);
  const entityId = attributeOf(root, 'entityID');
  if (root.uri !== MD || root.local !== 'EntityDescriptor' || entityId === undefined || entityId === '') {
    throw new Error('Could not parse metadata: no EntityDescriptor with an entityID');
  }
  const roles = childrenNamed(root, MD, 'IDPSSODescriptor').filter((role) =>
    (attributeOf(role, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(SAML_PROTOCOL),
  );
  const certificates = roles
    .flatMap((role) => childrenNamed(role, MD, 'KeyDescriptor'))
    .filter((descriptor) => (attributeOf(descriptor, 'use') ?? 'signing') === 'signing')
    .flatMap((descriptor) => [...walk(descriptor)])
    .filter((element) => element.uri === DS && element.local === 'X509Certificate')
    .map((element) => textOf(element));
  const keys = certificates.map((certificate) => new X509Certificate(Buffer.from(certificate, 'base64')).publicKey);
  if (keys.length === 0) throw new Error('metadata has no signing certificate');
  if (keys.length > MAX_KEYS) throw new Error(`metadata has more than ${MAX_KEYS} signing certificates`);
  if (keys.some((key) => (key.asymmetricKeyDetails?.modulusLength ?? MIN_KEY_BITS) < MIN_KEY_BITS)) {
    throw new Error(`a signing key is shorter than ${MIN_KEY_BITS} bits`);
  }
  return { entityId, keys };
}
