// Builds logout messages as an identity provider sends them, and signs them at run time for either binding. Every part can be
// replaced before signing; what damages a message afterwards is named so.
import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { LogoutExpectations } from '../../../src/saml/logout/logout-request.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import {
  at,
  element,
  idpEntityId,
  nsSaml,
  nsSamlp,
  statusElement,
  toBase64,
  type XmlAttributes,
} from './response-builder.ts';
import { type SigningOptions, signElement } from './sign-element.ts';

export const sloUrl = 'https://rolegate.example.com/saml/slo';
export const sigAlgs = {
  sha256: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  sha512: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  sha1: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  md5: 'http://www.w3.org/2001/04/xmldsig-more#rsa-md5',
} as const;

export interface LogoutParts {
  /** Replace or, with undefined, remove attributes of the message. */
  readonly message?: XmlAttributes;
  readonly issuer?: string;
  readonly nameId?: string;
  readonly sessionIndexes?: string;
  readonly status?: string;
  readonly extra?: string;
}

const issuerElement = `<Issuer xmlns="${nsSaml}">${idpEntityId}</Issuer>`;

function header(id: string, message: XmlAttributes = {}): XmlAttributes {
  const own = { 'xmlns:samlp': nsSamlp, ID: id, Version: '2.0', IssueInstant: at(0), Destination: sloUrl };
  return { ...own, ...message };
}

export function logoutRequest(parts: LogoutParts = {}): string {
  const content =
    (parts.issuer ?? issuerElement) +
    (parts.nameId ?? `<NameID xmlns="${nsSaml}">alice@corp.example</NameID>`) +
    (parts.sessionIndexes ?? '<samlp:SessionIndex>_session</samlp:SessionIndex>') +
    (parts.extra ?? '');
  return element('samlp:LogoutRequest', header('_logout', { NotOnOrAfter: at(300), ...parts.message }), content);
}

export function logoutResponse(parts: LogoutParts = {}): string {
  const content = (parts.issuer ?? issuerElement) + (parts.status ?? statusElement()) + (parts.extra ?? '');
  return element('samlp:LogoutResponse', header('_answer', { InResponseTo: '_pending', ...parts.message }), content);
}

export interface RedirectOptions {
  readonly parameter?: 'SAMLRequest' | 'SAMLResponse';
  readonly relayState?: string;
  readonly sigAlg?: string;
  /** Name of the hash that is really used. */
  readonly hash?: string;
  /** How values are escaped. */
  readonly encode?: (value: string) => string;
  /** Replaces the deflated message. */
  readonly deflated?: Buffer;
}

/** The raw query that carries the message, signed over exactly these octets. */
export function redirectedQuery(key: KeyPair, xml: string, options: RedirectOptions = {}): string {
  const encode = options.encode ?? encodeLikeBrowsers;
  const parameter = options.parameter ?? (xml.includes('LogoutResponse') ? 'SAMLResponse' : 'SAMLRequest');
  const message = (options.deflated ?? deflateRawSync(xml)).toString('base64');
  const parts = [`${parameter}=${encode(message)}`];
  if (options.relayState !== undefined) parts.push(`RelayState=${encode(options.relayState)}`);
  parts.push(`SigAlg=${encode(options.sigAlg ?? sigAlgs.sha256)}`);
  const octets = parts.join('&');
  const signature = sign(options.hash ?? 'sha256', Buffer.from(octets), key.key).toString('base64');
  return `${octets}&Signature=${encode(signature)}`;
}

/** Browsers escape an apostrophe on the way: who signs does it first. */
function encodeLikeBrowsers(value: string): string {
  return encodeURIComponent(value).replaceAll("'", '%27');
}

/** .NET writes escapes in lower case and a space as plus. */
export function escapeLikeDotNet(value: string): string {
  return encodeURIComponent(value)
    .replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())
    .replaceAll('%20', '+');
}

/** The message as it is posted, signed inside. */
export function postedMessage(
  key: KeyPair,
  xml: string,
  options: SigningOptions & { readonly editSigned?: (xml: string) => string } = {},
): string {
  const name = xml.includes('LogoutResponse') ? 'LogoutResponse' : 'LogoutRequest';
  const signed = signElement(xml, name, key, options);
  return toBase64(options.editSigned?.(signed) ?? signed);
}

export function logoutExpectations(overrides: Partial<LogoutExpectations> = {}): LogoutExpectations {
  return { idp: { entityId: idpEntityId }, sloUrl, clockSkewMs: 0, ...overrides };
}
