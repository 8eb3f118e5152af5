// What every SAML message carries at its top (Core §3.2): version, id, time, issuer, and the status of a response.
import { requireSaml, samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { readInstant } from './instant.ts';
import { entityFormat, ns } from './names.ts';
import { attributeOf, onlyChild, tokenOf, type XmlElement } from './xml/xml-tree.ts';

export interface HeaderExpectations {
  readonly idp: { readonly entityId: string };
  readonly clockSkewMs: number;
}

/** A message older than this is not an answer to what happens now, whatever its Conditions say. */
export const maxMessageAgeMs = 10 * 60_000;

/** Core §2.3.3 and §3.2: Version, ID and IssueInstant are required. @returns the IssueInstant. @throws BrokerError saml_refused */
export function checkVersionAndAge(element: XmlElement, { clockSkewMs }: HeaderExpectations, now: Date): Date {
  requireSaml(attributeOf(element, 'Version') === '2.0', 'malformed', `${element.name} is not Version 2.0`);
  const id = attributeOf(element, 'ID') ?? '';
  const isName = /^[\p{L}_][\p{L}\p{N}_.-]{0,255}$/u.test(id);
  const rule = 'an ID begins with a letter or _, without spaces and colons';
  requireSaml(isName, 'malformed', `${element.name} has no usable ID: ${rule}`, { received: quoted(id) });
  const issued = readInstant(element, 'IssueInstant');
  if (!issued) throw samlRefusal('malformed', `${element.name} has no IssueInstant`);
  const age = now.getTime() - issued.getTime();
  const facts = { ageMs: age, received: issued.toISOString(), expected: `about ${now.toISOString()}` };
  requireSaml(age >= -clockSkewMs, 'not_yet_valid', `${element.name} was issued in the future`, facts);
  const isRecent = age <= maxMessageAgeMs + clockSkewMs;
  requireSaml(isRecent, 'expired', `${element.name} was issued ${Math.round(age / 60_000)} minutes ago`, facts);
  return issued;
}

/** Profiles §4.1.4.2: Issuer is the IdP's entityID; Format, if any, is entity. Exact. @throws BrokerError saml_refused `issuer` */
export function checkIssuer(issuer: XmlElement | undefined, { idp }: HeaderExpectations, isRequired: boolean): void {
  if (!issuer) {
    requireSaml(!isRequired, 'issuer', 'no Issuer');
    return;
  }
  const format = tokenOf(issuer, 'Format') ?? entityFormat;
  const matches = issuer.text === idp.entityId && issuer.children.length === 0 && format === entityFormat;
  requireSaml(matches, 'issuer', 'Issuer is not the identity provider that was asked', {
    received: quoted(issuer.text),
    expected: quoted(idp.entityId),
    ...(format === entityFormat ? {} : { format: quoted(format) }),
  });
}

/** An address of this broker: xs:anyURI, so white space at its ends does not count. @throws BrokerError saml_refused */
export function requireAddress(
  element: XmlElement,
  attribute: 'Destination' | 'Recipient',
  address: string,
  reason: 'destination' | 'recipient',
): void {
  const received = attributeOf(element, attribute);
  const isOurs = tokenOf(element, attribute) === address;
  requireSaml(isOurs, reason, `${attribute} is not an address of this broker`, {
    received: quoted(received),
    expected: quoted(address),
  });
}

export interface Status {
  /** URIs. */
  readonly code: string;
  readonly subCode: string | undefined;
}

/** Core §3.2.2.1. StatusMessage is the other side's text: it is never read. */
export function readStatus(message: XmlElement): Status {
  const status = onlyChild(message, ns.protocol, 'Status');
  const code = status && onlyChild(status, ns.protocol, 'StatusCode');
  return {
    code: attributeOf(code, 'Value') ?? '',
    subCode: code && attributeOf(onlyChild(code, ns.protocol, 'StatusCode'), 'Value'),
  };
}

/** The last part of a status URI, if it is one of SAML's. */
export function statusName(uri: string): string {
  return /^urn:oasis:names:tc:SAML:2\.0:status:(\w{1,40})$/.exec(uri)?.[1] ?? 'other';
}
