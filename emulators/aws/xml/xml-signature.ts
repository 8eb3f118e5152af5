// Verifies one enveloped XML signature against given keys. Nothing in the message chooses a key, and an algorithm that is
// not on the list does not exist.
import { createHash, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { canonicalize } from './c14n.ts';
import { attributeOf, childElements, childrenNamed, textOf, type XmlElement } from './xml-tree.ts';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${DS}enveloped-signature`;
const SIGNATURES: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
};
const DIGESTS: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
};

/** The state of the signature that is a direct child of an element. */
export type SignatureState = 'absent' | 'valid' | 'invalid';

/** Judges the enveloped signature of `element`; KeyInfo is never read. */
export function judgeSignature(element: XmlElement, keys: readonly KeyObject[]): SignatureState {
  const signatures = childrenNamed(element, DS, 'Signature');
  const signature = signatures[0];
  if (signature === undefined) return 'absent';
  // Core §5.4.1 and the schema: one signature, right behind the Issuer where there is one.
  if (signatures.length > 1 || childElements(element).indexOf(signature) > 1) return 'invalid';
  return isValid(element, signature, keys) ? 'valid' : 'invalid';
}

function isValid(element: XmlElement, signature: XmlElement, keys: readonly KeyObject[]): boolean {
  const signedInfo = only(signature, 'SignedInfo');
  const value = only(signature, 'SignatureValue');
  if (signedInfo === undefined || value === undefined) return false;
  const c14nMethod = only(signedInfo, 'CanonicalizationMethod');
  const method = only(signedInfo, 'SignatureMethod');
  const reference = only(signedInfo, 'Reference');
  if (c14nMethod === undefined || method === undefined || reference === undefined) return false;
  if (attributeOf(c14nMethod, 'Algorithm') !== EXC_C14N) return false;
  const hash = SIGNATURES[attributeOf(method, 'Algorithm') ?? ''];
  const bytes = decodeBase64(textOf(value));
  if (hash === undefined || bytes === undefined) return false;
  if (!referenceMatches(element, signature, reference)) return false;
  const text = Buffer.from(canonicalize(signedInfo, { inclusivePrefixes: prefixList(c14nMethod) }));
  return keys.some((key) => key.asymmetricKeyType === 'rsa' && verify(hash, text, key, bytes));
}

/** Core §5.4.2: the reference names the ID of the very element that holds the signature, nothing else. */
function referenceMatches(element: XmlElement, signature: XmlElement, reference: XmlElement): boolean {
  const id = attributeOf(element, 'ID');
  if (id === undefined || id === '' || attributeOf(reference, 'URI') !== `#${id}`) return false;
  const method = only(reference, 'DigestMethod');
  const value = only(reference, 'DigestValue');
  const transforms = childElements(only(reference, 'Transforms') ?? reference);
  const [enveloped, exclusive] = transforms;
  // Core §5.4.4: exactly these two transforms; any other could make the digest cover something we do not read.
  if (method === undefined || value === undefined || transforms.length !== 2) return false;
  if (enveloped === undefined || attributeOf(enveloped, 'Algorithm') !== ENVELOPED) return false;
  if (exclusive === undefined || attributeOf(exclusive, 'Algorithm') !== EXC_C14N) return false;
  const hash = DIGESTS[attributeOf(method, 'Algorithm') ?? ''];
  const expected = decodeBase64(textOf(value));
  if (hash === undefined || expected === undefined) return false;
  const text = canonicalize(element, { omit: signature, inclusivePrefixes: prefixList(exclusive) });
  const actual = createHash(hash).update(text, 'utf8').digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function only(parent: XmlElement, local: string): XmlElement | undefined {
  const found = childrenNamed(parent, DS, local);
  return found.length === 1 ? found[0] : undefined;
}

function prefixList(method: XmlElement): string[] {
  const [inclusive] = childrenNamed(method, EXC_C14N, 'InclusiveNamespaces');
  const list = inclusive === undefined ? undefined : attributeOf(inclusive, 'PrefixList');
  return (list ?? '')
    .split(/\s+/)
    .filter((prefix) => prefix !== '')
    .map((prefix) => (prefix === '#default' ? '' : prefix));
}

/** Strict base64 (line breaks allowed), or undefined. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/[\t\n\r ]+/g, '');
  if (compact.length === 0 || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  return Buffer.from(compact, 'base64');
}
