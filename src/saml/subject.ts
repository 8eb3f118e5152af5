// The Subject: who, and that this bearer may present the assertion here, now, in answer to our request.
import { type BrokerError, requireSaml, samlRefusal } from '../errors.ts';
import { holdsInvisible } from '../invisible-characters.ts';
import { quoted } from '../quoted.ts';
import type { Expectations } from './expectations.ts';
import { readInstant } from './instant.ts';
import { requireAddress } from './message-header.ts';
import { bearer, maxNameIdLength, ns } from './names.ts';
import { trimSpace } from './xml/xml-characters.ts';
import { attributeOf, childrenOf, onlyChild, tokenOf, type XmlElement } from './xml/xml-tree.ts';

/** Kept as it came, less white space around it: single logout must send back the same element (Core §3.7.1). */
export interface NameId {
  readonly value: string;
  readonly format?: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
}

/** The NameID, if any. @throws BrokerError saml_refused `subject`, `recipient`, `correlation`, `expired` or `encryption` */
export function checkSubject(assertion: XmlElement, expected: Expectations, now: Date): NameId | undefined {
  const subject = onlyChild(assertion, ns.assertion, 'Subject');
  if (!subject) throw samlRefusal('subject', 'no Subject');
  // Where an attribute is the user, the NameID serves single logout alone: without a usable one there is none.
  const element = onlyChild(subject, ns.assertion, 'NameID');
  const value = trimSpace(element?.text ?? '');
  const isUnusable = element?.children.length === 0 && (value.trim() === '' || value.length > maxNameIdLength);
  const nameId = isUnusable ? undefined : readNameId(subject);
  const confirmations = childrenOf(subject, ns.assertion, 'SubjectConfirmation');
  const bearers = confirmations.filter((c) => attributeOf(c, 'Method') === bearer);
  requireSaml(bearers.length > 0, 'subject', 'no bearer confirmation');
  let refusal: unknown;
  // Profiles §4.1.4.3: one confirmation has to satisfy every rule by itself.
  for (const confirmation of bearers) {
    try {
      checkConfirmation(confirmation, expected, now);
      return nameId;
    } catch (error) {
      refusal ??= error;
    }
  }
  throw refusal as BrokerError;
}

function checkConfirmation(confirmation: XmlElement, expected: Expectations, now: Date): void {
  const data = onlyChild(confirmation, ns.assertion, 'SubjectConfirmationData');
  if (!data) throw samlRefusal('subject', 'bearer confirmation without data');
  // Profiles §4.1.4.2: Recipient is the ACS URL, NotOnOrAfter is required, NotBefore is forbidden.
  requireAddress(data, 'Recipient', expected.acsUrl, 'recipient');
  requireSaml(attributeOf(data, 'NotBefore') === undefined, 'subject', 'bearer confirmation with NotBefore');
  const notOnOrAfter = readInstant(data, 'NotOnOrAfter');
  if (!notOnOrAfter) throw samlRefusal('subject', 'bearer confirmation without NotOnOrAfter');
  const isLive = now.getTime() < notOnOrAfter.getTime() + expected.clockSkewMs;
  const ended = { received: notOnOrAfter.toISOString(), expected: `after ${now.toISOString()}` };
  requireSaml(isLive, 'expired', 'bearer confirmation has expired', ended);
  // Profiles §4.1.4.3: InResponseTo equals our request; §4.1.5: an unsolicited response has none.
  requireSaml(
    attributeOf(data, 'InResponseTo') === expected.inResponseTo,
    'correlation',
    'InResponseTo of the confirmation is not the pending request',
    { received: quoted(attributeOf(data, 'InResponseTo')), expected: quoted(expected.inResponseTo) },
  );
}

/** The NameID below a Subject or a LogoutRequest, if any. @throws BrokerError saml_refused `subject` or `encryption` */
export function readNameId(subject: XmlElement): NameId | undefined {
  const encrypted = onlyChild(subject, ns.assertion, 'EncryptedID');
  requireSaml(!encrypted, 'encryption', 'EncryptedID is not supported');
  requireSaml(!onlyChild(subject, ns.assertion, 'BaseID'), 'subject', 'BaseID is not supported');
  const element = onlyChild(subject, ns.assertion, 'NameID');
  if (!element) return undefined;
  const value = trimSpace(element.text);
  const facts = { received: quoted(element.text), length: value.length };
  requireSaml(element.children.length === 0, 'subject', `NameID is an element (${element.children[0]?.name})`, facts);
  requireSaml(value.trim() !== '', 'subject', 'NameID is blank', facts);
  requireSaml(value.length <= maxNameIdLength, 'subject', `NameID of ${value.length} characters, at most 256`, facts);
  requireSaml(!holdsInvisible(value), 'subject', 'NameID holds an invisible character', facts);
  return {
    value,
    format: tokenOf(element, 'Format') || undefined,
    nameQualifier: attributeOf(element, 'NameQualifier'),
    spNameQualifier: attributeOf(element, 'SPNameQualifier'),
  };
}
