// From a received SAMLResponse to an Assertion, or a refusal with its reason. The rules stand in the order of the text:
// message (Core §3.2.2), assertion (Core §2.3.3), subject (Profiles §4.1.4.3), conditions (Core §2.5.1), statements.
import type { KeyObject } from 'node:crypto';
import { requireSaml, samlRefusal } from '../errors.ts';
import { type AssertionAttributes, readAttributes } from './attributes.ts';
import { type AuthnStatement, readAuthnStatement } from './authn-statement.ts';
import { checkConditions } from './conditions.ts';
import { decryptAssertion } from './decrypt.ts';
import type { Expectations } from './expectations.ts';
import { type GatedResponse, gateAssertion, gateResponse, requireFewUnsigned } from './gate.ts';
import { checkIssuer, checkVersionAndAge, maxMessageAgeMs, readStatus, statusName } from './message-header.ts';
import { ns, statusSuccess } from './names.ts';
import { verifiedAssertion } from './node-saml.ts';
import { checkSubject, type NameId } from './subject.ts';
import { verifyEnveloped } from './xml/verify-signature.ts';
import { messageLimits, onlyChild, readXml, type XmlElement } from './xml/xml-reader.ts';

/** What was signed, and nothing else. */
export interface Assertion {
  readonly id: string;
  readonly responseId: string;
  readonly issuer: string;
  readonly issueInstant: Date;
  /** The earlier IssueInstant of Response and Assertion. The former may be unsigned: it makes nothing younger. */
  readonly issuedAt: Date;
  readonly isEncrypted: boolean;
  readonly nameId: NameId | undefined;
  readonly attributes: AssertionAttributes;
  readonly authn: AuthnStatement;
  /** From this moment on the assertion would be refused anyway: replay marks may end. */
  readonly expiresAt: Date;
}

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
  requireFewUnsigned(gated.response);
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
  const { code, subCode } = readStatus(response);
  requireSaml(code === statusSuccess, 'status', 'the identity provider answered with an error', {
    status: statusName(code),
    ...(subCode === undefined ? {} : { subStatus: statusName(subCode) }),
  });
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
  const responseInstant = checkVersionAndAge(gated.response, expected, now);
  checkIssuer(onlyChild(assertion, ns.assertion, 'Issuer'), expected, true);
  const nameId = checkSubject(assertion, expected, now);
  checkConditions(assertion, expected, now);
  const authn = readAuthnStatement(assertion, expected, now);
  return {
    id: assertion.attributes.get('ID')!,
    responseId: gated.response.attributes.get('ID')!,
    issuer: expected.idp.entityId,
    issueInstant,
    issuedAt: responseInstant < issueInstant ? responseInstant : issueInstant,
    isEncrypted: onlyChild(gated.response, ns.assertion, 'EncryptedAssertion') !== undefined,
    nameId,
    attributes: readAttributes(assertion),
    authn,
    // The age, not a confirmation: another one may hold for longer, and one alone may hold for a century.
    expiresAt: new Date(issueInstant.getTime() + maxMessageAgeMs + expected.clockSkewMs + 1),
  };
}
