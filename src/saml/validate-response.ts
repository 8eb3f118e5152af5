// From a received SAMLResponse to an Assertion, or a refusal with its reason. The rules stand in the order of the text:
// message (Core §3.2.2), assertion (Core §2.3.3), subject (Profiles §4.1.4.3), conditions (Core §2.5.1), statements.
import type { KeyObject } from 'node:crypto';
import { requireSaml, samlRefusal } from '../errors.ts';
import { type AssertionAttributes, readAttributes } from './attributes.ts';
import { type AuthnStatement, readAuthnStatement } from './authn-statement.ts';
import { checkConditions } from './conditions.ts';
import { decryptAssertion } from './decrypt.ts';
import type { Expectations } from './expectations.ts';
import { type GatedResponse, gateAssertion, gateResponse } from './gate.ts';
import { readInstant } from './instant.ts';
import { entityFormat, ns, statusSuccess } from './names.ts';
import { verifiedAssertion } from './node-saml.ts';
import { checkSubject, type NameId } from './subject.ts';
import { verifyEnveloped } from './verify-signature.ts';
import { messageLimits, onlyChild, readXml, type XmlElement } from './xml-reader.ts';

/** What was signed, and nothing else. */
export interface Assertion {
  readonly id: string;
  readonly responseId: string;
  readonly issuer: string;
  readonly issueInstant: Date;
  readonly nameId: NameId | undefined;
  readonly attributes: AssertionAttributes;
  readonly authn: AuthnStatement;
  /** From this moment on the assertion would be refused anyway: replay marks may end. */
  readonly expiresAt: Date;
}

/** An assertion older than this is not a fresh sign-in, whatever its Conditions say. */
const maxAssertionAgeMs = 10 * 60_000;

/**
 * Everything cheap comes first: shape, header, our own linear verification and a first judgement. Only a message that is
 * good in all of this reaches node-saml, and only the bytes that node-saml verified are used.
 * @throws BrokerError saml_refused, with one of the stable reasons
 */
export async function validateResponse(message: string, expectations: Expectations, now: Date): Promise<Assertion> {
  const { signingCertificates, decryptionKeys } = expectations.idp;
  const gated = gateResponse(message);
  checkResponseHeader(gated, expectations, now);
  if (gated.responseIsSigned) verifyEnveloped(gated.response, signingCertificates);
  const opened = openAssertion(gated, decryptionKeys);
  requireSignatures(gated, opened, expectations);
  if (opened.isSigned) verifyEnveloped(opened.assertion, signingCertificates);
  judgeAssertion(opened.assertion, gated, expectations, now);
  const xml = await verifiedAssertion(gated, {
    signingCertificates,
    assertionIsSigned: opened.isSigned,
    decryptionKey: opened.key,
  });
  const assertion = readXml(xml, messageLimits);
  const isAssertion = assertion.namespace === ns.assertion && assertion.name === 'Assertion';
  requireSaml(isAssertion, 'signature', 'what was signed is not an assertion');
  return judgeAssertion(assertion, gated, expectations, now);
}

interface OpenedAssertion {
  readonly assertion: XmlElement;
  readonly isSigned: boolean;
  /** The key that opened it, where it was encrypted. */
  readonly key: KeyObject | undefined;
}

function openAssertion(gated: GatedResponse, decryptionKeys: readonly KeyObject[]): OpenedAssertion {
  const plain = onlyChild(gated.response, ns.assertion, 'Assertion');
  if (plain) return { assertion: plain, isSigned: gated.assertionIsSigned, key: undefined };
  const encrypted = onlyChild(gated.response, ns.assertion, 'EncryptedAssertion');
  if (!encrypted) throw samlRefusal('malformed', 'no assertion in a successful Response');
  requireSaml(decryptionKeys.length > 0, 'encryption', 'encrypted assertion, and no decryption key is configured');
  requireSaml(gated.responseIsSigned, 'signature', 'encrypted assertion in a Response that is not signed');
  const { xml, key } = decryptAssertion(encrypted, decryptionKeys);
  return { ...gateAssertion(xml), key };
}

// Core §3.2.2. These fields may be unsigned: they can only refuse, never grant.
function checkResponseHeader({ response }: GatedResponse, expected: Expectations, now: Date): void {
  checkVersionAndAge(response, expected, now);
  checkIssuer(onlyChild(response, ns.assertion, 'Issuer'), expected, false);
  checkStatus(response);
  // Bindings §3.5.5.2: a Destination must be where the message was received; in a signed message it must be there.
  const destination = response.attributes.get('Destination');
  const isSigned = onlyChild(response, ns.signature, 'Signature') !== undefined;
  requireSaml(
    destination === undefined ? !isSigned : destination === expected.acsUrl,
    'destination',
    'Destination is not our ACS',
  );
  const inResponseTo = response.attributes.get('InResponseTo');
  requireSaml(
    inResponseTo === undefined || inResponseTo === expected.inResponseTo,
    'correlation',
    'InResponseTo of the Response is not the pending request',
  );
}

function checkStatus(response: XmlElement): void {
  const status = onlyChild(response, ns.protocol, 'Status');
  const code = status && onlyChild(status, ns.protocol, 'StatusCode');
  const value = code?.attributes.get('Value') ?? '';
  const second = code && onlyChild(code, ns.protocol, 'StatusCode')?.attributes.get('Value');
  requireSaml(value === statusSuccess, 'status', 'the identity provider answered with an error', {
    status: statusName(value),
    ...(second === undefined ? {} : { subStatus: statusName(second) }),
  });
}

function statusName(uri: string): string {
  return /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(uri)?.[1] ?? 'other';
}

function requireSignatures(
  { responseIsSigned }: GatedResponse,
  { isSigned }: OpenedAssertion,
  { idp }: Expectations,
): void {
  requireSaml(responseIsSigned || isSigned, 'signature', 'neither Response nor Assertion is signed');
  requireSaml(responseIsSigned || !idp.wantResponseSigned, 'signature', 'the Response is not signed');
  requireSaml(isSigned || !idp.wantAssertionsSigned, 'signature', 'the Assertion is not signed');
}

function judgeAssertion(assertion: XmlElement, gated: GatedResponse, expected: Expectations, now: Date): Assertion {
  const issueInstant = checkVersionAndAge(assertion, expected, now);
  checkIssuer(onlyChild(assertion, ns.assertion, 'Issuer'), expected, true);
  const nameId = checkSubject(assertion, expected, now);
  checkConditions(assertion, expected, now);
  const authn = readAuthnStatement(assertion, expected, now);
  return {
    id: assertion.attributes.get('ID')!,
    responseId: gated.response.attributes.get('ID')!,
    issuer: expected.idp.entityId,
    issueInstant,
    nameId,
    attributes: readAttributes(assertion),
    authn,
    // The age, not a confirmation: another one may hold for longer, and one alone may hold for a century.
    expiresAt: new Date(issueInstant.getTime() + maxAssertionAgeMs + expected.clockSkewMs + 1),
  };
}

// Core §2.3.3 and §3.2.2: Version, ID and IssueInstant are required on both.
function checkVersionAndAge(element: XmlElement, { clockSkewMs }: Expectations, now: Date): Date {
  requireSaml(element.attributes.get('Version') === '2.0', 'malformed', `${element.name} is not Version 2.0`);
  const id = element.attributes.get('ID') ?? '';
  requireSaml(/^[\p{L}_][\p{L}\p{N}_.-]{0,255}$/u.test(id), 'malformed', `${element.name} has no usable ID`);
  const issued = readInstant(element, 'IssueInstant');
  if (!issued) throw samlRefusal('malformed', `${element.name} has no IssueInstant`);
  const age = now.getTime() - issued.getTime();
  requireSaml(age >= -clockSkewMs, 'not_yet_valid', `${element.name} was issued in the future`, { ageMs: age });
  requireSaml(age <= maxAssertionAgeMs + clockSkewMs, 'expired', `${element.name} is too old`, { ageMs: age });
  return issued;
}

// Profiles §4.1.4.2: Issuer is the IdP's entityID; Format, if any, is entity. Compared as an exact string.
function checkIssuer(issuer: XmlElement | undefined, { idp }: Expectations, isRequired: boolean): void {
  if (!issuer) {
    requireSaml(!isRequired, 'issuer', 'no Issuer');
    return;
  }
  const format = issuer.attributes.get('Format') ?? entityFormat;
  const matches = issuer.text === idp.entityId && issuer.children.length === 0 && format === entityFormat;
  requireSaml(matches, 'issuer', 'Issuer is not the identity provider that was asked');
}
