// The one key of a KeyDescriptor, as the certificate that contains it. Metadata §2.4.1.1: one KeyDescriptor, one key.
import { type JsonWebKey, X509Certificate } from 'node:crypto';
import { ns } from '../names.ts';
import { childrenOf, onlyChild, type XmlElement } from '../xml/xml-tree.ts';
import { pemFromBase64 } from './certificate.ts';

/**
 * The certificate that contains the validation key. XML Signature §4.5.4: every certificate of a KeyInfo relates to that
 * key, by containing it or by certifying it; no order is implied. Only the end of the chain may verify messages: the
 * authority's key belongs to other people.
 * @returns PEM; undefined if the KeyInfo has no certificate
 * @throws Error that names the ambiguity, or says that a certificate is unreadable
 */
export function descriptorKey(keyInfo: XmlElement): string | undefined {
  // Only an empty element is passed over: without an unreadable leaf its authority would look like the end of the chain.
  const elements = childrenOf(keyInfo, ns.signature, 'X509Data')
    .flatMap((data) => childrenOf(data, ns.signature, 'X509Certificate'))
    .filter(({ text }) => text.trim() !== '');
  const certificates = elements.map(({ text }) => new X509Certificate(pemFromBase64(text)));
  const named = keyValue(keyInfo);
  const candidates = certificates.filter((certificate) =>
    named ? hasKey(certificate, named) : !isAuthority(certificate, certificates),
  );
  const [first, ...others] = candidates;
  if (!first) {
    if (certificates.length === 0) return undefined;
    throw new Error(named ? 'no certificate contains its KeyValue' : 'its certificates certify each other');
  }
  if (others.some((other) => !isSameKey(other, first))) {
    throw new Error(`${candidates.length} unrelated certificates: give each signing key a KeyDescriptor`);
  }
  return candidates.reduce((a, b) => (Date.parse(b.validTo) > Date.parse(a.validTo) ? b : a)).toString();
}

/** Whether it certified another key among these. */
export function isAuthority(certificate: X509Certificate, among: readonly X509Certificate[]): boolean {
  return among.some(
    (other) =>
      other.issuer === certificate.subject && !isSameKey(other, certificate) && other.verify(certificate.publicKey),
  );
}

function isSameKey(one: X509Certificate, other: X509Certificate): boolean {
  const [a, b] = [one, other].map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }));
  return a!.equals(b!);
}

// XML Signature §4.5.2.2: both are CryptoBinary, big-endian without leading zeros, as in a JWK.
function keyValue(keyInfo: XmlElement): JsonWebKey | undefined {
  const value = onlyChild(keyInfo, ns.signature, 'KeyValue');
  const rsa = value && onlyChild(value, ns.signature, 'RSAKeyValue');
  if (!rsa) return undefined;
  const part = (name: string) =>
    Buffer.from(onlyChild(rsa, ns.signature, name)?.text ?? '', 'base64').toString('base64url');
  return { n: part('Modulus'), e: part('Exponent') };
}

function hasKey({ publicKey }: X509Certificate, { n, e }: JsonWebKey): boolean {
  const key = publicKey.export({ format: 'jwk' });
  return key.n === n && key.e === e;
}
