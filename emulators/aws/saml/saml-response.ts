// Judges a SAML response as STS does: rows A4 to A8 here (shape, status, issuer, signature), A9 to A18 in the two files it
// calls. Everything after the signature check reads the very element whose signature was verified.

import { AwsError, invalidIdentityToken, nestedIdentityError } from '../errors.ts';
import type { ProviderRecord } from '../estate.ts';
import { decodeBase64, judgeSignature } from '../xml/xml-signature.ts';
import {
  attributeOf,
  childElements,
  childrenNamed,
  parseXml,
  textOf,
  walk,
  type XmlElement,
  XmlRefused,
} from '../xml/xml-tree.ts';
import { type AwsAttributes, readAwsAttributes } from './saml-attributes.ts';
import { checkConditions, type SubjectFacts } from './saml-conditions.ts';

/** Namespaces of SAML 2.0. */
const SAML = {
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
} as const;

/** A parsed response, nothing of it verified yet. */
export interface UnverifiedResponse {
  readonly response: XmlElement;
  /** The one assertion, plain or encrypted. */
  readonly assertion: XmlElement;
}

/** What an accepted assertion says. */
export interface JudgedAssertion extends SubjectFacts, AwsAttributes {
  readonly id: string;
  readonly issuer: string;
}

/** What the judge needs besides the message. */
export interface JudgeContext {
  readonly now: Date;
  readonly partition: string;
  /** A11: how far NotBefore and IssueInstant may lie ahead. */
  readonly maxSkewSeconds: number;
  /** A14 on the API path, F11 on the sign-in page. */
  isRecipientAllowed(recipient: string): boolean;
  readonly provider: ProviderRecord;
  readonly requestId: string;
}

/** A4: decodes and parses; nothing in the result may be trusted. @throws AwsError m3 */
export function decodeResponse(encoded: string, requestId: string): UnverifiedResponse {
  const refuse = (): AwsError =>
    nestedIdentityError('Invalid base64 SAMLResponse', 'AuthSamlInvalidSamlResponseException', requestId);
  const root = parseDocument(encoded);
  if (root === undefined) throw refuse();
  if (root.uri !== SAML.protocol || root.local !== 'Response' || attributeOf(root, 'Version') !== '2.0') throw refuse();
  const elements = [...walk(root)];
  const assertions = elements.filter(isAnyAssertion);
  const [assertion] = assertions;
  // An assertion anywhere else than directly below the response is the beginning of a wrapping attack.
  if (assertion === undefined || assertions.length !== 1 || !childElements(root).includes(assertion)) throw refuse();
  if (hasRepeatedId(elements) || elements.some(hasBadInstant)) throw refuse();
  if (attributeOf(root, 'IssueInstant') === undefined) throw refuse();
  if (assertion.local === 'Assertion' && !isCompleteAssertion(assertion)) throw refuse();
  return { response: root, assertion };
}

/** A5 to A18, in that order. @throws AwsError */
export function judgeResponse(message: UnverifiedResponse, context: JudgeContext): JudgedAssertion {
  const { response, assertion } = message;
  checkEncryption(assertion, context.provider);
  checkStatus(response);
  checkIssuers(message, context);
  checkSignatures(message, context.provider);
  const subject = checkConditions(message, context);
  const attributes = readAwsAttributes(assertion, context.partition);
  return { id: attributeOf(assertion, 'ID') ?? '', issuer: context.provider.entityId, ...subject, ...attributes };
}

function parseDocument(encoded: string): XmlElement | undefined {
  const bytes = decodeBase64(encoded);
  if (bytes === undefined) return undefined;
  try {
    return parseXml(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    // TextDecoder answers bytes that are not UTF-8 with a TypeError.
    if (error instanceof XmlRefused || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isAnyAssertion(element: XmlElement): boolean {
  return element.uri === SAML.assertion && ['Assertion', 'EncryptedAssertion'].includes(element.local);
}

function hasRepeatedId(elements: readonly XmlElement[]): boolean {
  const ids = elements
    .flatMap((element) => element.attributes)
    .filter((attribute) => attribute.local.toLowerCase() === 'id')
    .map((attribute) => attribute.value);
  return new Set(ids).size !== ids.length;
}

const INSTANTS = ['IssueInstant', 'NotBefore', 'NotOnOrAfter', 'SessionNotOnOrAfter', 'AuthnInstant'];

/** Core §1.3.3: SAML times are xs:dateTime in UTC, without any other time zone. */
function hasBadInstant(element: XmlElement): boolean {
  if (element.uri !== SAML.assertion && element.uri !== SAML.protocol) return false;
  return element.attributes
    .filter((attribute) => attribute.uri === '' && INSTANTS.includes(attribute.local))
    .some(({ value }) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) || Number.isNaN(Date.parse(value)));
}

function isCompleteAssertion(assertion: XmlElement): boolean {
  const hasId = (attributeOf(assertion, 'ID') ?? '') !== '';
  return hasId && attributeOf(assertion, 'Version') === '2.0' && attributeOf(assertion, 'IssueInstant') !== undefined;
}

/** A5. The emulator's providers hold no private keys, so no encrypted assertion can be opened. */
function checkEncryption(assertion: XmlElement, provider: ProviderRecord): void {
  if (assertion.local === 'EncryptedAssertion') {
    throw invalidIdentityToken('No private key of the specified provider decrypts the assertion');
  }
  if (provider.requiresEncryption) throw invalidIdentityToken('The specified provider requires an encrypted assertion');
}

/** A6. */
function checkStatus(response: XmlElement): void {
  const codes = childrenNamed(response, SAML.protocol, 'Status').flatMap((status) =>
    childrenNamed(status, SAML.protocol, 'StatusCode'),
  );
  const [code] = codes;
  const isSuccess = code !== undefined && attributeOf(code, 'Value') === 'urn:oasis:names:tc:SAML:2.0:status:Success';
  if (codes.length === 1 && isSuccess) return;
  throw new AwsError(403, 'IDPRejectedClaim', 'The identity provider reported that authentication failed');
}

/** A7: both issuers are the entityID of the provider, letter by letter. */
function checkIssuers(message: UnverifiedResponse, context: JudgeContext): void {
  const outer = childrenNamed(message.response, SAML.assertion, 'Issuer').map(textOf);
  const inner = childrenNamed(message.assertion, SAML.assertion, 'Issuer').map(textOf);
  const expected = context.provider.entityId;
  const isRight = outer.length <= 1 && inner.length === 1 && [...outer, ...inner].every((name) => name === expected);
  if (isRight) return;
  throw nestedIdentityError(
    'Issuer not present in specified provider',
    'AuthSamlInvalidSamlResponseException',
    context.requestId,
  );
}

/** A8: the assertion carries its own signature; one on the response may be there besides, but then it must verify. */
function checkSignatures(message: UnverifiedResponse, provider: ProviderRecord): void {
  const outer = judgeSignature(message.response, provider.keys);
  const inner = judgeSignature(message.assertion, provider.keys);
  if (inner !== 'valid' || outer === 'invalid') throw invalidIdentityToken('Response signature invalid');
}
