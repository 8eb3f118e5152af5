// Builds SAML Responses in AD FS's shape and signs them at run time, so that a message which breaks one rule is otherwise
// valid. Every part can be replaced before signing; `editSigned` damages the text afterwards.
import type { Expectations } from '../../../src/saml/expectations.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import { type SigningOptions, signElement } from './sign-element.ts';

/** The moment at which the tests judge. */
export const now = new Date('2026-03-02T09:00:00.000Z');
export const acsUrl = 'https://rolegate.example.com/saml/acs';
export const spEntityId = 'https://rolegate.example.com/saml/metadata';
export const idpEntityId = 'http://adfs.example.com/adfs/services/trust';
const requestId = '_request';
export const groupClaim = 'http://schemas.xmlsoap.org/claims/Group';
export const nsSaml = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const nsSamlp = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const passwordContext = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

/** An instant so many seconds away from `now`. */
export function at(seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}

/** XML attributes by name; undefined leaves one out. Values are put in as they are. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

/** The parts of a Response; those in capitals are elements as XML text, '' for none. */
export interface ResponseParts {
  /** Replace or, with undefined, remove attributes of the Response. */
  readonly response: XmlAttributes;
  readonly responseIssuer: string;
  readonly status: string;
  /** Between Status and Assertion. */
  readonly beforeAssertion: string;
  readonly assertion: XmlAttributes;
  readonly issuer: string;
  readonly nameId: string;
  readonly confirmations: string;
  /** The whole Subject, when NameID and confirmations are not enough. */
  readonly subject: string | undefined;
  readonly conditions: string;
  readonly attributes: string;
  readonly authnStatements: string;
}

/** How a message is signed and damaged. */
export interface BuildOptions extends SigningOptions {
  readonly mode?: SigningMode;
  /** Signs the Response, where another key than that of the Assertion shall. */
  readonly responseKey?: KeyPair;
  readonly editUnsigned?: (xml: string) => string;
  /** Between the signature of the Assertion and that of the Response. */
  readonly editInside?: (xml: string) => string;
  readonly editSigned?: (xml: string) => string;
}

export type SigningMode = 'assertion' | 'response' | 'both' | 'none';
export const signingModes = ['assertion', 'response', 'both'] as const;

export function element(name: string, attributes: XmlAttributes, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => (value === undefined ? '' : ` ${key}="${value}"`));
  return `<${name}${written.join('')}>${content}</${name}>`;
}

export function statusElement(code = 'Success', inner = ''): string {
  return `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${inner}</samlp:StatusCode></samlp:Status>`;
}

/** A bearer confirmation as AD FS gives it. */
export function confirmation(data: XmlAttributes = {}, method = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'): string {
  const all = { InResponseTo: requestId, NotOnOrAfter: at(300), Recipient: acsUrl, ...data };
  return element('SubjectConfirmation', { Method: method }, element('SubjectConfirmationData', all));
}

export function audienceRestriction(...audiences: readonly string[]): string {
  return element('AudienceRestriction', {}, audiences.map((audience) => element('Audience', {}, audience)).join(''));
}

export function conditionsElement(attributes: XmlAttributes = {}, content = audienceRestriction(spEntityId)): string {
  return element('Conditions', { NotBefore: at(0), NotOnOrAfter: at(3600), ...attributes }, content);
}

export function authnStatement(attributes: XmlAttributes = {}, classRef = passwordContext): string {
  const context = element('AuthnContext', {}, classRef && element('AuthnContextClassRef', {}, classRef));
  return element('AuthnStatement', { AuthnInstant: at(-5), SessionIndex: '_assertion', ...attributes }, context);
}

export function attributeElement(name: string, ...values: readonly string[]): string {
  return element('Attribute', { Name: name }, values.map((value) => element('AttributeValue', {}, value)).join(''));
}

/** An AttributeStatement with these Attribute elements. */
export function attributeStatement(...attributes: readonly string[]): string {
  return element('AttributeStatement', {}, attributes.join(''));
}

const defaultParts: ResponseParts = {
  response: {},
  responseIssuer: `<Issuer xmlns="${nsSaml}">${idpEntityId}</Issuer>`,
  status: statusElement(),
  beforeAssertion: '',
  assertion: {},
  issuer: `<Issuer>${idpEntityId}</Issuer>`,
  nameId: '<NameID>alice@corp.example</NameID>',
  confirmations: confirmation(),
  subject: undefined,
  conditions: conditionsElement(),
  attributes: attributeStatement(attributeElement(groupClaim, 'CORP\\AWS-Dev', 'CORP\\AWS-Ops')),
  authnStatements: authnStatement(),
};

/** The Response as text, unsigned. */
export function responseXml(overrides: Partial<ResponseParts> = {}): string {
  const parts = { ...defaultParts, ...overrides };
  const assertion = { ID: '_assertion', IssueInstant: at(0), Version: '2.0', xmlns: nsSaml, ...parts.assertion };
  const subject = parts.subject ?? element('Subject', {}, parts.nameId + parts.confirmations);
  const body = parts.issuer + subject + parts.conditions + parts.attributes + parts.authnStatements;
  const response = {
    ...{ ID: '_response', Version: '2.0', IssueInstant: at(0), Destination: acsUrl },
    ...{ Consent: 'urn:oasis:names:tc:SAML:2.0:consent:unspecified', InResponseTo: requestId, 'xmlns:samlp': nsSamlp },
    ...parts.response,
  };
  const content = parts.responseIssuer + parts.status + parts.beforeAssertion + element('Assertion', assertion, body);
  return element('samlp:Response', response, content);
}

/** The Response as text, signed. */
export function signedXml(key: KeyPair, parts: Partial<ResponseParts> = {}, options: BuildOptions = {}): string {
  const mode = options.mode ?? 'assertion';
  let xml = (options.editUnsigned ?? same)(responseXml(parts));
  if (mode === 'assertion' || mode === 'both') xml = signElement(xml, 'Assertion', key, options);
  xml = (options.editInside ?? same)(xml);
  if (mode === 'response' || mode === 'both') xml = signElement(xml, 'Response', options.responseKey ?? key, options);
  return (options.editSigned ?? same)(xml);
}

/** The SAMLResponse as it is posted. */
export function signedResponse(key: KeyPair, parts: Partial<ResponseParts> = {}, options: BuildOptions = {}): string {
  return toBase64(signedXml(key, parts, options));
}

export function toBase64(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64');
}

/** Expectations of which a test sets what matters to it. */
export type ExpectationOverrides = Partial<Omit<Expectations, 'idp'>> & { readonly idp?: Partial<Expectations['idp']> };

/** What the pending login expects that the default parts answer. */
export function expectationsFor(key: KeyPair, overrides: ExpectationOverrides = {}): Expectations {
  const { idp, ...others } = overrides;
  return {
    idp: {
      entityId: idpEntityId,
      signingCertificates: [key.cert],
      decryptionKeys: [],
      wantAssertionsSigned: false,
      wantResponseSigned: false,
      ...idp,
    },
    acsUrl,
    spEntityId,
    inResponseTo: requestId,
    clockSkewMs: 0,
    ...others,
  };
}

function same(xml: string): string {
  return xml;
}
