// Logout messages as a relying party writes and reads them, for the tests of single logout.
import { expect } from 'vitest';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import { saml, samlp } from '../../adfs/names.ts';
import { parseRawQuery, readRedirectMessage, verifyRedirectSignature } from '../../adfs/redirect-binding.ts';
import { escapeXml, parseXml, type XmlElement } from '../../adfs/xml.ts';
import { find, readPosted } from './fixture.ts';

/** What a test may change in a LogoutRequest. */
export interface LogoutFields {
  readonly nameId?: string;
  readonly format?: string | null;
  readonly spNameQualifier?: string;
  readonly sessionIndex?: string;
  readonly notOnOrAfter?: string;
}

/** What a logout has to name of an issued assertion. */
export interface Issued {
  readonly nameId: string;
  readonly format: string;
  readonly sessionIndex: string;
}

/** Reads these from a page that posts a Response. */
export function readIssued(page: Page): Issued {
  const { root } = readPosted(page);
  const nameId = find(root, 'NameID');
  const format = nameId?.attributes.get('Format') ?? '';
  const sessionIndex = find(root, 'AuthnStatement')?.attributes.get('SessionIndex') ?? '';
  return { nameId: nameId?.text ?? '', format, sessionIndex };
}

interface Header {
  readonly destination: string;
  readonly issueInstant: Date;
  readonly issuer: string;
}

export function buildLogoutRequest(fields: Header & LogoutFields): string {
  const { format, spNameQualifier, notOnOrAfter } = fields;
  const header = notOnOrAfter === undefined ? '' : ` NotOnOrAfter="${notOnOrAfter}"`;
  const nameIdAttributes =
    (typeof format === 'string' ? ` Format="${format}"` : '') +
    (spNameQualifier === undefined ? '' : ` SPNameQualifier="${spNameQualifier}"`);
  return (
    `<samlp:LogoutRequest xmlns:samlp="${samlp}" xmlns:saml="${saml}" ID="_logout" ${common(fields)}${header}>` +
    `<saml:Issuer>${fields.issuer}</saml:Issuer>` +
    `<saml:NameID${nameIdAttributes}>${escapeXml(fields.nameId ?? '')}</saml:NameID>` +
    `<samlp:SessionIndex>${fields.sessionIndex ?? ''}</samlp:SessionIndex></samlp:LogoutRequest>`
  );
}

export function buildLogoutResponse(fields: Header & { inResponseTo: string; status: string }): string {
  return (
    `<samlp:LogoutResponse xmlns:samlp="${samlp}" ID="_answer" ${common(fields)} InResponseTo="${fields.inResponseTo}">` +
    `<Issuer xmlns="${saml}">${fields.issuer}</Issuer><samlp:Status>` +
    `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${fields.status}"/></samlp:Status></samlp:LogoutResponse>`
  );
}

function common({ destination, issueInstant }: Header): string {
  return `Version="2.0" IssueInstant="${issueInstant.toISOString()}" Destination="${destination}"`;
}

/** A message that reached a party's logout endpoint. */
export interface Arrived {
  readonly root: XmlElement;
  readonly url: URL;
  readonly relayState: string | undefined;
}

/** Reads what arrived; its signature has to be the signer's, over the very octets that arrived. */
export function readArrived(
  page: Page,
  parameter: 'SAMLRequest' | 'SAMLResponse',
  expected: { sloUrl: string; signer: string; stranger: string },
): Arrived {
  const url = new URL(page.url);
  expect(`${url.origin}${url.pathname}`).toBe(expected.sloUrl);
  const { signature, xml, relayState } = readRedirectMessage(parseRawQuery(url.search.slice(1)), parameter);
  if (signature === undefined) throw new Error('the message is not signed');
  expect(signature.algorithm).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  expect(verifyRedirectSignature(signature, [expected.signer])).toBe(true);
  expect(verifyRedirectSignature(signature, [expected.stranger])).toBe(false);
  return { root: parseXml(xml), url, relayState };
}
