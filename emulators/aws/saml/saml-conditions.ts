// Rows A9 to A14: times, audience and the bearer confirmation of an assertion whose signature has been verified.
import { AwsError, invalidIdentityToken } from '../errors.ts';
import { isAwsAudience } from '../hosts.ts';
import { attributeOf, childrenNamed, textOf, type XmlElement } from '../xml/xml-tree.ts';
import type { JudgeContext, UnverifiedResponse } from './saml-response.ts';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const REDEEM_WITHIN_SECONDS = 300;

/** What subject and statements say once they hold. */
export interface SubjectFacts {
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly recipient: string;
  /** The earliest SessionNotOnOrAfter. */
  readonly sessionNotOnOrAfter: Date | undefined;
}

/** Checks A9 to A14 in order. @throws AwsError */
export function checkConditions(message: UnverifiedResponse, context: JudgeContext): SubjectFacts {
  const { response, assertion } = message;
  const subject = childrenNamed(assertion, SAML, 'Subject')[0];
  const confirmations = subject === undefined ? [] : childrenNamed(subject, SAML, 'SubjectConfirmation');
  const data = confirmations.flatMap((element) => childrenNamed(element, SAML, 'SubjectConfirmationData'));
  const conditions = childrenNamed(assertion, SAML, 'Conditions');
  const statements = childrenNamed(assertion, SAML, 'AuthnStatement');
  const issued = [...instants([response], 'IssueInstant'), ...instants([assertion], 'IssueInstant')];
  const notOnOrAfter = instants([...conditions, ...data], 'NotOnOrAfter');
  const sessionEnds = instants(statements, 'SessionNotOnOrAfter');

  checkAge(issued, context.now);
  checkExpiry([...notOnOrAfter, ...sessionEnds], context.now);
  checkNotEarly([...issued, ...instants([...conditions, ...data], 'NotBefore')], context);
  checkAudience(conditions, context.partition);
  const recipient = checkConfirmation(confirmations, data);
  if (!context.isRecipientAllowed(recipient)) throw invalidIdentityToken('Recipient is not the AWS sign-in URL');
  const end = sessionEnds.length === 0 ? undefined : new Date(Math.min(...sessionEnds));
  return { ...readNameId(subject), recipient, sessionNotOnOrAfter: end };
}

/** Milliseconds since 1970 of every such attribute there is; A4 has already refused any that cannot be read. */
function instants(elements: readonly XmlElement[], name: string): number[] {
  return elements
    .map((element) => attributeOf(element, name))
    .filter((value) => value !== undefined)
    .map((value) => Date.parse(value));
}

/** A9: counted from the earlier IssueInstant of response and assertion. */
function checkAge(issued: readonly number[], now: Date): void {
  if (now.getTime() - Math.min(...issued) <= REDEEM_WITHIN_SECONDS * 1000) return;
  throw new AwsError(400, 'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance');
}

/** A10. A session that is already over counts as expired too. */
function checkExpiry(ends: readonly number[], now: Date): void {
  if (ends.every((end) => now.getTime() < end)) return;
  throw new AwsError(400, 'ExpiredTokenException', 'Response has expired');
}

/** A11. */
function checkNotEarly(starts: readonly number[], context: JudgeContext): void {
  const latest = context.now.getTime() + context.maxSkewSeconds * 1000;
  if (starts.every((start) => start <= latest)) return;
  throw invalidIdentityToken('Response is not yet valid');
}

/** A12. Core §2.5.1.4: several AudienceRestrictions all have to hold. */
function checkAudience(conditions: readonly XmlElement[], partition: string): void {
  const restrictions = conditions.flatMap((element) => childrenNamed(element, SAML, 'AudienceRestriction'));
  const isForAws = (restriction: XmlElement): boolean =>
    childrenNamed(restriction, SAML, 'Audience').some((audience) => isAwsAudience(textOf(audience), partition));
  if (restrictions.length > 0 && restrictions.every(isForAws)) return;
  throw invalidIdentityToken('Response does not contain the required audience.');
}

/** A13. @returns the Recipient */
function checkConfirmation(confirmations: readonly XmlElement[], data: readonly XmlElement[]): string {
  const [confirmation] = confirmations;
  const [facts] = data;
  const isBearer = confirmation !== undefined && attributeOf(confirmation, 'Method') === BEARER;
  if (confirmations.length !== 1 || !isBearer || data.length !== 1 || facts === undefined) {
    throw invalidIdentityToken('Response must contain exactly one bearer SubjectConfirmation with its data');
  }
  const recipient = attributeOf(facts, 'Recipient') ?? '';
  if (recipient === '' || attributeOf(facts, 'NotOnOrAfter') === undefined) {
    throw invalidIdentityToken('SubjectConfirmationData must contain NotOnOrAfter and Recipient');
  }
  return recipient;
}

/** The sign-in page answers a missing NameID with m22; the API has no public text for it. */
function readNameId(subject: XmlElement | undefined): { nameId: string; nameIdFormat: string } {
  const names = subject === undefined ? [] : childrenNamed(subject, SAML, 'NameID');
  const [name] = names;
  const nameId = name === undefined ? '' : textOf(name);
  if (names.length !== 1 || name === undefined || nameId === '') {
    throw invalidIdentityToken('NameID is required in AuthnResponse');
  }
  return { nameId, nameIdFormat: attributeOf(name, 'Format') ?? UNSPECIFIED };
}
