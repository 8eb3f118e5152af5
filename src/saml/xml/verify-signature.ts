// Verification of an enveloped signature, over the one tree that everything else reads.
import { constants, createHash, type KeyObject, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import { BrokerError, samlRefusal } from '../../errors.ts';
import { ns } from '../names.ts';
import { canonicalize } from './canonicalize.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from './xml-tree.ts';

const excC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** What may sign, and how it is verified. The gate refuses whatever is not in these two tables. */
export const signatureAlgorithms: Readonly<Record<string, { hash: string; options: object }>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': { hash: 'sha256', options: {} },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': { hash: 'sha512', options: {} },
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1': { hash: 'sha256', options: pss },
};
export const digestAlgorithms: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
};

/**
 * What comes of it if a namespace that is declared once must be written at each element. Messages with `xsi:type` on every
 * value grow by half.
 */
const maxNamespaceLength = 1024 * 1024;

export interface VerifiedOctets {
  /** The canonical octets that were digested. */
  readonly octets: string;
  /** PEM: the one whose key signed them. */
  readonly certificate: string;
}

/**
 * The signed canonical octets. The element's Signature has passed checkedSignature.
 *
 * A later reading of the element matches the signature, for canonicalization writes everything that a reader can ask
 * for: names, namespaces, attributes and text of each element below, without exception but the Signature itself, below
 * which nothing is read. So octets that are the same have trees that are the same; tests read octets back to show it.
 * @param certificates PEM; one of them must have signed. KeyInfo is never read.
 * @throws BrokerError saml_refused `signature`
 */
export function verifyEnveloped(element: XmlElement, certificates: readonly string[]): VerifiedOctets {
  const signature = need(onlyChild(element, ns.signature, 'Signature'));
  const info = need(onlyChild(signature, ns.signature, 'SignedInfo'));
  const reference = need(onlyChild(info, ns.signature, 'Reference'));
  const method = signatureAlgorithms[algorithmOf(info, 'SignatureMethod')];
  const digest = digestAlgorithms[algorithmOf(reference, 'DigestMethod')];
  if (!method || !digest) throw samlRefusal('algorithm', 'signature or digest algorithm not allowed');
  const transforms = onlyChild(reference, ns.signature, 'Transforms');
  const canonicalization = transforms && childrenOf(transforms, ns.signature, 'Transform')[1];
  const signed = canonicalize(element, {
    inclusivePrefixes: prefixList(canonicalization),
    without: signature,
    maxNamespaceLength,
  });
  const actual = createHash(digest).update(signed, 'utf8').digest();
  const expected = base64Of(reference, 'DigestValue');
  const isSame = actual.length === expected.length && timingSafeEqual(actual, expected);
  if (!isSame) throw samlRefusal('signature', 'the digest does not fit');
  const signedInfo = Buffer.from(canonicalSignedInfo(info), 'utf8');
  const value = base64Of(signature, 'SignatureValue');
  const hasSigned = (key: KeyObject) => verify(method.hash, signedInfo, { key, ...method.options }, value);
  const certificate = certificates.find((pem) => hasSigned(publicKeyOf(pem)));
  if (certificate !== undefined) return { octets: signed, certificate };
  throw unknownKey();
}

function canonicalSignedInfo(info: XmlElement): string {
  const inclusivePrefixes = prefixList(onlyChild(info, ns.signature, 'CanonicalizationMethod'));
  const canonical = canonicalize(info, { inclusivePrefixes, maxNamespaceLength });
  // xml-crypto looks for these prefixes around the first SignedInfo of the document, which may be another one: where the
  // list has an effect, verifiers can come to different results.
  const hasEffect =
    inclusivePrefixes.length > 0 && canonical !== canonicalize(info, { inclusivePrefixes: [], maxNamespaceLength });
  if (hasEffect) throw samlRefusal('algorithm', 'the PrefixList of CanonicalizationMethod changes the SignedInfo');
  return canonical;
}

const unknownKeyText = 'not signed by a key of this identity provider';

export function unknownKey(): BrokerError {
  return samlRefusal('signature', unknownKeyText);
}

/** Whether the message may be good, and the key newer than our copy of the metadata. */
export function isUnknownKey(error: unknown): boolean {
  return error instanceof BrokerError && error.message === unknownKeyText;
}

const maxPrefixes = 16;
const publicKeys = new Map<string, KeyObject>();

/** The key in a certificate. Parsing one costs more than verifying with its key, and there are few of them. */
export function publicKeyOf(pem: string): KeyObject {
  const known = publicKeys.get(pem);
  if (known) return known;
  if (publicKeys.size > 100) publicKeys.clear();
  const key = new X509Certificate(pem).publicKey;
  publicKeys.set(pem, key);
  return key;
}

function prefixList(parent: XmlElement | undefined): readonly string[] {
  const inclusive = parent && onlyChild(parent, excC14n, 'InclusiveNamespaces');
  if (!inclusive) return [];
  const list = attributeOf(inclusive, 'PrefixList') ?? '';
  // Exclusive C14N §4 (schema): NMTOKENS, which is never empty; xmlsec1 refuses an empty one. Only single spaces: xml-crypto
  // and xmlsec1 read two, or white space by reference, as additional prefixes.
  const isList = /^(?:#default|[A-Za-z_][\w.-]*)(?: (?:#default|[A-Za-z_][\w.-]*))*$/.test(list);
  const prefixes = list.split(' ');
  // Each of them is looked for at every element: an endless list would make the work quadratic.
  if (prefixes.length > maxPrefixes) throw samlRefusal('too_large', 'too many inclusive prefixes');
  // xml-crypto writes the namespace of a prefix that is listed twice twice.
  if (!isList || new Set(prefixes).size < prefixes.length)
    throw samlRefusal('malformed', 'InclusiveNamespaces without a list of different prefixes');
  return prefixes;
}

function algorithmOf(parent: XmlElement, name: string): string {
  return attributeOf(onlyChild(parent, ns.signature, name), 'Algorithm') ?? '';
}

function base64Of(parent: XmlElement, name: string): Buffer {
  const base64 = need(onlyChild(parent, ns.signature, name)).text.replace(/[\t\n\r ]+/g, '');
  const octets = Buffer.from(base64, 'base64');
  // Buffer skips characters outside base64 and stops at padding: one signature would have many spellings.
  if (octets.toString('base64') !== base64) throw samlRefusal('malformed', `${name} is not base64`);
  return octets;
}

function need(element: XmlElement | undefined): XmlElement {
  if (element) return element;
  throw samlRefusal('malformed', 'Signature is not complete');
}
