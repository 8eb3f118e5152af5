// The gate: what a message must be before anything else sees it. Linear in its size, and nothing here is trusted yet:
// the fields it returns from the Response come from unsigned bytes unless the Response itself proves to be signed.
import { requireSaml, samlRefusal } from '../errors.ts';
import { ns } from './names.ts';
import { digestAlgorithms, signatureAlgorithms } from './xml/verify-signature.ts';
import { childrenOf, messageLimits, onlyChild, readXml, walk, type XmlElement } from './xml/xml-reader.ts';

/** Decoded size. 3,000 groups are about 162 KB. */
export const maxMessageBytes = 256 * 1024;

export interface GatedResponse {
  /** The message as received, less white space. */
  readonly base64: string;
  readonly xml: string;
  readonly response: XmlElement;
  readonly responseIsSigned: boolean;
  readonly assertionIsSigned: boolean;
}

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** @throws BrokerError saml_refused `malformed`, `too_large` or `algorithm` */
export function gateResponse(message: string): GatedResponse {
  const base64 = message.replace(/[\t\n\r ]+/g, '');
  const xml = decodeMessage(base64);
  const response = readXml(xml, messageLimits);
  requireSaml(response.namespace === ns.protocol && response.name === 'Response', 'malformed', 'root is not Response');
  checkStructure(response);
  const assertion = onlyChild(response, ns.assertion, 'Assertion');
  return {
    base64,
    xml,
    response,
    responseIsSigned: checkedSignature(response),
    assertionIsSigned: assertion !== undefined && checkedSignature(assertion),
  };
}

/** Who a message says it is from. Not verified: it can only choose whose rules to apply. @throws as gateResponse */
export function responseIssuer(message: string): string | undefined {
  const { response } = gateResponse(message);
  const assertion = onlyChild(response, ns.assertion, 'Assertion');
  const issuer =
    onlyChild(response, ns.assertion, 'Issuer') ?? (assertion && onlyChild(assertion, ns.assertion, 'Issuer'));
  return issuer?.text;
}

/** The same for what came out of an EncryptedAssertion. @throws as gateResponse */
export function gateAssertion(xml: string): { assertion: XmlElement; isSigned: boolean } {
  const assertion = readXml(xml, messageLimits);
  requireSaml(isNamed(assertion, 'Assertion'), 'malformed', 'no Assertion was encrypted');
  checkStructure(assertion);
  return { assertion, isSigned: checkedSignature(assertion) };
}

function isNamed(element: XmlElement, name: string): boolean {
  return element.namespace === ns.assertion && element.name === name;
}

/** Strict base64 and UTF-8. @throws BrokerError saml_refused `too_large` or `malformed` */
export function decodeMessage(base64: string): string {
  requireSaml(base64.length <= Math.ceil(maxMessageBytes / 3) * 4, 'too_large', 'message above the size limit');
  const strict = base64.length > 0 && base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64);
  requireSaml(strict, 'malformed', 'not base64');
  return decodeUtf8(Buffer.from(base64, 'base64'));
}

/** @throws BrokerError saml_refused `malformed` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw samlRefusal('malformed', 'not UTF-8');
  }
}

/** The root is a Response, or the Assertion that was encrypted in one. */
function checkStructure(root: XmlElement): void {
  const ids = new Set<string>();
  let assertions = 0;
  for (const element of walk(root)) {
    if (isNamed(element, 'Assertion') || isNamed(element, 'EncryptedAssertion')) {
      // More than one anywhere, or one in an unexpected place, is how wrapping begins.
      const isPlaced = element === root || element.parent === root;
      requireSaml(++assertions === 1 && isPlaced, 'malformed', 'misplaced or additional assertion');
    }
    checkIds(element, ids);
    checkText(element);
    if (element.namespace === ns.signature && element.name === 'Signature') checkSignaturePlace(element, root);
  }
}

export function checkIds(element: XmlElement, seen: Set<string>): void {
  for (const name of ['ID', 'Id', 'id', '{http://www.w3.org/XML/1998/namespace}id']) {
    const id = element.attributes.get(name);
    if (id === undefined) continue;
    requireSaml(!seen.has(id), 'malformed', 'an ID stands twice');
    seen.add(id);
  }
}

export function checkText(element: XmlElement): void {
  if (element.children.length === 0 || element.text.trim() === '') return;
  for (let at: XmlElement | undefined = element; at; at = at.parent) {
    if (isNamed(at, 'AttributeValue')) return;
  }
  throw samlRefusal('malformed', 'text between elements');
}

function checkSignaturePlace({ parent }: XmlElement, root: XmlElement): void {
  const signsAssertion = parent !== undefined && isNamed(parent, 'Assertion') && parent.parent === root;
  requireSaml(parent === root || signsAssertion, 'malformed', 'misplaced Signature');
}

/** Whether the element carries a Signature; if it does, its shape and algorithms are on the list. */
export function checkedSignature(element: XmlElement): boolean {
  const signature = onlyChild(element, ns.signature, 'Signature');
  if (!signature) return false;
  const info = onlyChild(signature, ns.signature, 'SignedInfo');
  const reference = info && onlyChild(info, ns.signature, 'Reference');
  requireSaml(reference !== undefined, 'malformed', 'Signature without SignedInfo or Reference');
  const id = element.attributes.get('ID');
  // Core §5.4.2: one same-document reference to the ID of the element that is signed.
  requireSaml(
    id !== undefined && reference!.attributes.get('URI') === `#${id}`,
    'signature',
    'Reference to another element',
  );
  checkAlgorithm(info!, 'CanonicalizationMethod', (uri) => uri === exclusiveC14n);
  checkAlgorithm(info!, 'SignatureMethod', (uri) => Object.hasOwn(signatureAlgorithms, uri));
  checkAlgorithm(reference!, 'DigestMethod', (uri) => Object.hasOwn(digestAlgorithms, uri));
  checkTransforms(reference!);
  return true;
}

/** Room for a chain of certificates, Extensions and StatusDetail. */
const maxUnsignedElements = 256;

/**
 * What no Signature covers: what stands around a signed Assertion, and what a Signature brings along. A person can add to
 * that as they like, again and again, to an answer of their own that is good, and node-saml's cost grows with its square.
 * @throws BrokerError saml_refused `too_large`
 */
export function requireFewUnsigned(response: XmlElement): void {
  requireSaml(countUnsigned(response, false) <= maxUnsignedElements, 'too_large', 'too many elements are not signed');
}

function countUnsigned(at: XmlElement, isInsideSigned: boolean): number {
  const isSignature = at.namespace === ns.signature && at.name === 'Signature';
  const isSigned = !isSignature && (isInsideSigned || childrenOf(at, ns.signature, 'Signature').length > 0);
  return at.children.reduce((sum, child) => sum + countUnsigned(child, isSigned), isSigned ? 0 : 1);
}

function checkAlgorithm(parent: XmlElement, name: string, allowed: (uri: string) => boolean): void {
  const uri = onlyChild(parent, ns.signature, name)?.attributes.get('Algorithm') ?? '';
  requireSaml(allowed(uri), 'algorithm', `${name} not allowed`, { algorithm: uri.slice(0, 120) });
}

// Core §5.4.4: enveloped-signature and exclusive canonicalization, nothing else.
function checkTransforms(reference: XmlElement): void {
  const list = onlyChild(reference, ns.signature, 'Transforms');
  const uris = list ? childrenOf(list, ns.signature, 'Transform').map((t) => t.attributes.get('Algorithm')) : [];
  const expected = uris.length === 2 && uris[0] === enveloped && uris[1] === exclusiveC14n;
  requireSaml(expected && list!.children.length === 2, 'algorithm', 'Transforms not allowed');
}
