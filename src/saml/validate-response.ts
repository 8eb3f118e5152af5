// From a received SAMLResponse to an Assertion, or a refusal with its reason. The rules are in the order of the text:
// message (Core §3.2.2), assertion (Core §2.3.3), subject (Profiles §4.1.4.3), conditions (Core §2.5.1), statements.
import { BrokerError, requireSaml, samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { type AssertionAttributes, type ElementValues, readAttributes } from './attributes.ts';
import { type AuthnStatement, readAuthnStatement } from './authn-statement.ts';
import { checkConditions } from './conditions.ts';
import { decryptAssertion } from './decrypt.ts';
import type { Evidence } from './evidence.ts';
import type { Expectations } from './expectations.ts';
import { type GatedResponse, gateAssertion, gateResponse, requireFewUnsigned, requireOwnNames } from './gate.ts';
import {
  checkIssuer,
  checkVersionAndAge,
  maxMessageAgeMs,
  readStatus,
  requireAddress,
  statusName,
} from './message-header.ts';
import { ns, statusSuccess } from './names.ts';
import { checkSubject, type NameId } from './subject.ts';
import { verifyEnveloped } from './xml/verify-signature.ts';
import { attributeOf, onlyChild, type XmlElement } from './xml/xml-tree.ts';

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
  readonly elementValues: ElementValues;
  readonly authn: AuthnStatement;
  /** From this moment on the assertion would be refused anyway: replay marks may end. */
  readonly expiresAt: Date;
}

export interface ValidatedResponse {
  readonly assertion: Assertion;
  /** For a second verifier (reference-verifier.ts). It holds the message: it is neither stored nor logged. */
  readonly evidence: Evidence;
}

/** From a message to its accepted content. @throws BrokerError saml_refused, with one of the stable reasons */
export function validateResponse(message: string, expectations: Expectations, now: Date): ValidatedResponse {
  return acceptResponse(receiveResponse(message, expectations, now), expectations, now);
}

/** Cheap checks come first: shape and header. @throws BrokerError saml_refused, with one of the stable reasons */
export function receiveResponse(message: string, expectations: Expectations, now: Date): GatedResponse {
  const gated = gateResponse(message);
  checkResponseHeader(gated, expectations, now);
  return gated;
}

/** Whether it names the request that it answers, and a signature is verified before anything else can refuse it. */
export function isAttempt({ response, ...gated }: GatedResponse, { idp, inResponseTo }: Expectations): boolean {
  const isVerified = gated.responseIsSigned || (gated.assertionIsSigned && !idp.wantResponseSigned);
  return isVerified && attributeOf(response, 'InResponseTo') === inResponseTo;
}

/**
 * The assertion is read from the tree whose canonical octets were signed (verifyEnveloped says why that is the same), or,
 * where it was encrypted, from what the signed ciphertext holds.
 * @throws BrokerError saml_refused, with one of the stable reasons
 */
export function acceptResponse(gated: GatedResponse, expectations: Expectations, now: Date): ValidatedResponse {
  const { signingCertificates } = expectations.idp;
  const signedResponse = gated.responseIsSigned ? verifyEnveloped(gated.response, signingCertificates) : undefined;
  const opened = openAssertion(gated, expectations);
  requireSignatures(gated, opened, expectations);
  const signedAssertion = opened.isSigned ? verifyEnveloped(opened.assertion, signingCertificates) : undefined;
  const assertion = judgeAssertion(opened.assertion, gated, expectations, now);
  requireFewUnsigned(gated, signedResponse?.octets ?? signedAssertion?.octets ?? '');
  const { decrypted } = opened;
  const { xml } = gated;
  const evidence = {
    ...{ xml, decrypted, signingCertificates },
    responseOctets: signedResponse?.octets,
    assertionOctets: signedAssertion?.octets,
    usedCertificates: [signedResponse, signedAssertion].flatMap((signed) => signed?.certificate ?? []),
  };
  return { assertion, evidence };
}

interface OpenedAssertion {
  readonly assertion: XmlElement;
  readonly isSigned: boolean;
  /** What was in an EncryptedAssertion. */
  readonly decrypted: string | undefined;
}

function openAssertion(gated: GatedResponse, { idp, spEntityId }: Expectations): OpenedAssertion {
  const plain = onlyChild(gated.response, ns.assertion, 'Assertion');
  if (plain) return { assertion: plain, isSigned: gated.assertionIsSigned, decrypted: undefined };
  const encrypted = onlyChild(gated.response, ns.assertion, 'EncryptedAssertion');
  if (!encrypted) throw samlRefusal('malformed', 'no assertion in a successful Response');
  requireSaml(idp.decryptionKeys.length > 0, 'encryption', 'encrypted assertion, and no decryption key is configured');
  requireSaml(gated.responseIsSigned, 'signature', 'encrypted assertion in a Response that is not signed');
  const decrypted = decryptAssertion(encrypted, idp.decryptionKeys, spEntityId);
  return { ...gateAssertion(decrypted), decrypted };
}

// Core §3.2.2. These fields may be unsigned: they can only refuse, never grant.
function checkResponseHeader({ response, responseIsSigned }: GatedResponse, expected: Expectations, now: Date): void {
  checkVersionAndAge(response, expected, now);
  // Profiles §4.1.4.2: a signed Response has an Issuer; one with an encrypted assertion is signed.
  checkIssuer(onlyChild(response, ns.assertion, 'Issuer'), expected, responseIsSigned);
  checkStatus(response);
  // Bindings §3.5.5.2: a Destination must be where the message was received; in a signed message it must be there.
  if (responseIsSigned || attributeOf(response, 'Destination') !== undefined) {
    requireAddress(response, 'Destination', expected.acsUrl, 'destination');
  }
  // An empty one is not a name (Core §3.2.2: NCName), and not the same as none.
  const inResponseTo = attributeOf(response, 'InResponseTo');
  requireSaml(
    inResponseTo === undefined || inResponseTo === expected.inResponseTo,
    'correlation',
    expected.inResponseTo === undefined
      ? 'unsolicited, but InResponseTo is there'
      : 'InResponseTo of the Response is not the pending request',
    { received: quoted(inResponseTo), expected: quoted(expected.inResponseTo) },
  );
}

function checkStatus(response: XmlElement): void {
  const { code, subCode } = readStatus(response);
  if (code === statusSuccess) return;
  const [status, subStatus] = [statusName(code), subCode === undefined ? undefined : statusName(subCode)];
  const names = subStatus === undefined ? [status] : [status, subStatus];
  const details = { status, ...(subStatus === undefined ? {} : { subStatus }), received: quoted(names.join('/')) };
  throw new BrokerError(codeOfStatus(names), 'the identity provider answered with an error', {
    reason: 'status',
    details,
  });
}

// Core §3.2.2.2. Products put the second-level codes under Responder or Requester, or at the top.
function codeOfStatus(names: readonly string[]): 'sign_in_cancelled' | 'step_up_refused' | 'saml_refused' {
  if (names.includes('RequestDenied') || names.includes('AuthnFailed')) return 'sign_in_cancelled';
  return names.includes('NoAuthnContext') ? 'step_up_refused' : 'saml_refused';
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
  requireOwnNames(assertion);
  const issueInstant = checkVersionAndAge(assertion, expected, now);
  const responseInstant = checkVersionAndAge(gated.response, expected, now);
  checkIssuer(onlyChild(assertion, ns.assertion, 'Issuer'), expected, true);
  const nameId = checkSubject(assertion, expected, now);
  checkConditions(assertion, expected, now);
  const authn = readAuthnStatement(assertion, expected, now);
  return {
    id: attributeOf(assertion, 'ID')!,
    responseId: attributeOf(gated.response, 'ID')!,
    issuer: expected.idp.entityId,
    issueInstant,
    issuedAt: responseInstant < issueInstant ? responseInstant : issueInstant,
    isEncrypted: onlyChild(gated.response, ns.assertion, 'EncryptedAssertion') !== undefined,
    nameId,
    ...readAttributes(assertion),
    authn,
    // The age, not a confirmation: another one may hold for longer, and one alone may hold for a century.
    expiresAt: new Date(issueInstant.getTime() + maxMessageAgeMs + expected.clockSkewMs + 1),
  };
}
