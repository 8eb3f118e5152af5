// The LogoutRequest (Core §3.7.1): written for an identity provider, and judged when one sends it.
import { requireSaml, samlRefusal } from '../../errors.ts';
import { xmlAttribute, xmlInstant, xmlText } from '../../xml.ts';
import { readInstant } from '../instant.ts';
import {
  checkIssuer,
  checkVersionAndAge,
  type HeaderExpectations,
  maxMessageAgeMs,
  requireAddress,
} from '../message-header.ts';
import { ns } from '../names.ts';
import { type NameId, readNameId } from '../subject.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from '../xml/xml-tree.ts';

export interface LogoutRequest {
  readonly id: string;
  readonly issueInstant: Date;
  readonly notOnOrAfter: Date;
  readonly destination: string;
  readonly issuer: string;
  readonly nameId: NameId;
  readonly sessionIndex: string | undefined;
}

/** Core §3.7.1, §3.7.3: the same NameID that the assertion had, with the same attributes. */
export function logoutRequestXml(request: LogoutRequest): string {
  const { value, format, nameQualifier, spNameQualifier } = request.nameId;
  const attribute = (name: string, content: string | undefined) =>
    content === undefined ? '' : ` ${name}="${xmlAttribute(content)}"`;
  return (
    `<samlp:LogoutRequest xmlns:samlp="${ns.protocol}" xmlns:saml="${ns.assertion}"` +
    ` ID="${xmlAttribute(request.id)}" Version="2.0" IssueInstant="${xmlInstant(request.issueInstant)}"` +
    ` Destination="${xmlAttribute(request.destination)}" NotOnOrAfter="${xmlInstant(request.notOnOrAfter)}"` +
    ' Reason="urn:oasis:names:tc:SAML:2.0:logout:user">' +
    `<saml:Issuer>${xmlText(request.issuer)}</saml:Issuer><saml:NameID${attribute('NameQualifier', nameQualifier)}` +
    `${attribute('SPNameQualifier', spNameQualifier)}${attribute('Format', format)}>${xmlText(value)}</saml:NameID>` +
    (request.sessionIndex === undefined
      ? ''
      : `<samlp:SessionIndex>${xmlText(request.sessionIndex)}</samlp:SessionIndex>`) +
    '</samlp:LogoutRequest>'
  );
}

export interface LogoutExpectations extends HeaderExpectations {
  readonly sloUrl: string;
}

/** What an identity provider has asked for. */
export interface WantedLogout {
  readonly id: string;
  readonly issueInstant: Date;
  readonly nameId: NameId;
  /** Undefined: every session of this NameID. */
  readonly sessionIndexes: readonly string[] | undefined;
  /** From this moment on the request would be refused for its age. */
  readonly expiresAt: Date;
}

const knownChildren = new Set([
  `${ns.assertion} Issuer`,
  `${ns.signature} Signature`,
  `${ns.protocol} Extensions`,
  `${ns.assertion} NameID`,
  `${ns.protocol} SessionIndex`,
]);

/** @param message verified bytes. @throws BrokerError saml_refused */
export function validateLogoutRequest(message: XmlElement, expected: LogoutExpectations, now: Date): WantedLogout {
  const issueInstant = checkLogoutHeader(message, expected, now);
  const notOnOrAfter = readInstant(message, 'NotOnOrAfter');
  const isLive = notOnOrAfter === undefined || now.getTime() < notOnOrAfter.getTime() + expected.clockSkewMs;
  // Core §3.7.1: after NotOnOrAfter the request is to be ignored.
  requireSaml(isLive, 'expired', 'the LogoutRequest has expired');
  const nameId = readNameId(message);
  if (!nameId) throw samlRefusal('subject', 'LogoutRequest without NameID');
  const isKnown = message.children.every(({ namespace, name }) => knownChildren.has(`${namespace} ${name}`));
  requireSaml(isKnown, 'malformed', 'unknown element in LogoutRequest');
  const indexes = childrenOf(message, ns.protocol, 'SessionIndex');
  for (const { text, children } of indexes) {
    const isUsable = children.length === 0 && text.trim() !== '' && text.length <= 256;
    requireSaml(isUsable, 'malformed', 'SessionIndex is blank, too long or not text');
  }
  return {
    id: attributeOf(message, 'ID')!,
    issueInstant,
    nameId,
    sessionIndexes: indexes.length === 0 ? undefined : indexes.map(({ text }) => text),
    expiresAt: new Date(issueInstant.getTime() + maxMessageAgeMs + expected.clockSkewMs + 1),
  };
}

/** What holds for request and response alike. @returns the IssueInstant. @throws BrokerError saml_refused */
export function checkLogoutHeader(message: XmlElement, expected: LogoutExpectations, now: Date): Date {
  const issueInstant = checkVersionAndAge(message, expected, now);
  // Profiles §4.4.4.1: the issuer MUST be present.
  checkIssuer(onlyChild(message, ns.assertion, 'Issuer'), expected, true);
  // Bindings §3.4.5.2, §3.5.5.2: a signed message names where it goes, and that is where it was received.
  requireAddress(message, 'Destination', expected.sloUrl, 'destination');
  return issueInstant;
}
