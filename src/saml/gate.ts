// The gate: what a message must be before anything else sees it. Linear in its size, and nothing here is trusted yet:
// the fields it returns from the Response come from unsigned bytes unless the Response itself proves to be signed.
import { isAscii, isUtf8 } from 'node:buffer';
import { requireSaml } from '../errors.ts';
import { ns } from './names.ts';
import { checkedSignature, isIdName } from './xml/signature-shape.ts';
import { messageLimits, readXml } from './xml/xml-reader.ts';
import { attributeOf, isElement, onlyChild, type XmlElement } from './xml/xml-tree.ts';

/** Decoded size. 3,000 groups are about 162 KB. */
export const maxMessageBytes = 256 * 1024;

export interface GatedResponse {
  readonly xml: string;
  readonly response: XmlElement;
  readonly responseIsSigned: boolean;
  readonly assertionIsSigned: boolean;
}

/** @throws BrokerError saml_refused `malformed`, `too_large`, `attributes` or `algorithm` */
export function gateResponse(message: string): GatedResponse {
  const xml = decodeMessage(message, maxMessageBytes);
  const response = readXml(xml, messageLimits);
  requireSaml(isElement(response, ns.protocol, 'Response'), 'malformed', 'root is not Response');
  checkStructure(response);
  const assertion = onlyChild(response, ns.assertion, 'Assertion');
  return {
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
  requireSaml(isElement(assertion, ns.assertion, 'Assertion'), 'malformed', 'no Assertion was encrypted');
  checkStructure(assertion);
  return { assertion, isSigned: checkedSignature(assertion) };
}

/**
 * Strict base64, which may be broken by white space (RFC 2045 §6.8), and UTF-8.
 * @throws BrokerError saml_refused `too_large` or `malformed`
 */
export function decodeMessage(message: string, maxBytes: number): string {
  const hasSpace = [' ', '\n', '\r', '\t'].some((space) => message.includes(space));
  const base64 = hasSpace ? withoutSpace(message) : message;
  requireSaml(base64.length <= Math.ceil(maxBytes / 3) * 4, 'too_large', 'message above the size limit');
  // Of a form whose + was not escaped, decoders make spaces.
  return decodeUtf8(decodeBase64(base64, 'message', message.includes(' ') ? ' (spaces: + was not escaped)' : ''));
}

/** Byte by byte: there may be as much white space as base64. */
function withoutSpace(message: string): string {
  const octets = Buffer.from(message, 'utf8');
  let length = 0;
  for (const octet of octets) {
    if (octet !== 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09) octets[length++] = octet;
  }
  return octets.toString('latin1', 0, length);
}

/** Stricter than decoders are: one text, one meaning. @throws BrokerError saml_refused `malformed` */
export function decodeBase64(base64: string, name: string, hint = ''): Buffer {
  const octets = Buffer.from(base64, 'base64');
  requireSaml(base64 !== '' && octets.toString('base64') === base64, 'malformed', `${name} is not base64${hint}`);
  return octets;
}

/** @throws BrokerError saml_refused `malformed` */
export function decodeUtf8(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  requireSaml(isUtf8(bytes), 'malformed', 'not UTF-8');
  return bytes.toString('utf8');
}

/** Different Names of Attribute elements: what has more is refused before it costs a canonical form and its digest. */
const maxAttributeNames = 256;

/** The root is a Response, or the Assertion that was encrypted in one. */
function checkStructure(root: XmlElement): void {
  const ids = new Set<string>();
  const attributeNames = new Set<string>();
  let assertions = 0;
  const check = (element: XmlElement, isInValue: boolean): void => {
    const { name, parent } = element;
    if (name === 'Assertion' || name === 'EncryptedAssertion') {
      // More than one anywhere, one in an unexpected place, or one of another namespace, which readers that go by local
      // names mistake for a SAML one: that is how wrapping begins.
      const isPlaced = element.namespace === ns.assertion && (element === root || parent === root);
      requireSaml(++assertions === 1 && isPlaced, 'malformed', 'misplaced or additional assertion');
    }
    if (name === 'Signature') {
      if (element.namespace === ns.signature) checkSignaturePlace(element, root);
      // A reader by local names takes it for one, and the message for signed.
      else requireSaml(isInValue, 'malformed', 'a Signature of another namespace');
    }
    checkIds(element, ids);
    if (name === 'Attribute' && !isInValue) {
      attributeNames.add(attributeOf(element, 'Name') ?? '');
      requireSaml(attributeNames.size <= maxAttributeNames, 'attributes', 'too many attributes');
    }
    const mayHoldText = isInValue || isElement(element, ns.assertion, 'AttributeValue');
    if (!mayHoldText) checkText(element);
    for (const child of element.children) check(child, mayHoldText);
  };
  check(root, false);
}

/** Whatever some reader takes for an ID: by these names in every namespace, as xml-crypto looks for them. */
export function checkIds({ attributes }: XmlElement, seen: Set<string>): void {
  for (const { name, value } of attributes) {
    if (!isIdName(name)) continue;
    requireSaml(!seen.has(value), 'malformed', 'an ID is used twice');
    seen.add(value);
  }
}

export function checkText({ children, text }: XmlElement): void {
  const isMixed = children.length > 0 && text !== '' && /[^\t\n\r ]/.test(text);
  requireSaml(!isMixed, 'malformed', 'text between elements');
}

// Core §2.3.3 and §3.2.1, §3.2.2 (schema): behind the Issuer, or first where there is none.
export function checkSignaturePlace(signature: XmlElement, root: XmlElement): void {
  const { parent } = signature;
  const signsAssertion = parent !== undefined && parent.parent === root && isElement(parent, ns.assertion, 'Assertion');
  requireSaml(parent === root || signsAssertion, 'malformed', 'misplaced Signature');
  const [first, second] = parent!.children;
  const isInOrder = first === signature || (second === signature && first!.name === 'Issuer');
  requireSaml(isInOrder, 'malformed', 'the Signature does not follow the Issuer');
}

const readByName = new Set([
  'Issuer',
  'Subject',
  'NameID',
  'AuthnStatement',
  'AuthnContext',
  'AuthnContextClassRef',
  'AttributeStatement',
]);

/**
 * A name that is read of an assertion, in another namespace: a reader by local names, as node-saml is one, accepts it.
 * @throws BrokerError saml_refused `malformed`
 */
export function requireOwnNames(parent: XmlElement): void {
  for (const child of parent.children) {
    if (!readByName.has(child.name)) continue;
    requireSaml(child.namespace === ns.assertion, 'malformed', `${child.name} of another namespace`);
    requireOwnNames(child);
  }
}

/** Room for a chain of certificates, Extensions and StatusDetail. */
const maxUnsignedElements = 256;
const maxUnsignedLength = 32 * 1024;

/**
 * The octets that no Signature covers: around a signed Assertion, inside a Signature, and the formatting of the signed
 * part. A person can add to them at will, again and again, in a valid response.
 * @param octets the signed octets, in canonical form
 * @throws BrokerError saml_refused `too_large`
 */
export function requireFewUnsigned({ xml, response }: GatedResponse, octets: string): void {
  const isSmall = xml.length - octets.length <= maxUnsignedLength && countUnsigned(response) <= maxUnsignedElements;
  requireSaml(isSmall, 'too_large', 'too much of the message is not signed');
}

function countUnsigned(at: XmlElement): number {
  const signature = onlyChild(at, ns.signature, 'Signature');
  if (signature) return countUnsigned(signature);
  return at.children.reduce((sum, child) => sum + countUnsigned(child), 1);
}
