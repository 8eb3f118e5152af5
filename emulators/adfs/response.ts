// Builds Responses on the wire format of AD FS, with every field open to a test's override.

import { randomUUID } from 'node:crypto';
import type { KeyPair } from '../keys.ts';
import { type Claims, claimsFor, nameIdFor } from './claims.ts';
import { encryptAssertion } from './encryption.ts';
import { authnContext, bearer, consentUnspecified, saml, samlp, status } from './names.ts';
import { signElement } from './signing.ts';
import type { AdfsUser, NameId, RelyingPartyTrust, ResponseOverrides } from './types.ts';
import { escapeXml } from './xml.ts';

/** Everything a successful Response depends on. */
export interface ResponseInput {
  readonly issuer: string;
  readonly signing: KeyPair;
  readonly user: AdfsUser;
  readonly trust: RelyingPartyTrust;
  readonly now: Date;
  /** When the password was entered. */
  readonly authnInstant: Date;
  readonly hasSecondFactor: boolean;
  readonly classRef?: string | undefined;
  readonly inResponseTo?: string | undefined;
  /** Kept by single sign-on sessions; made from the trust's rule when absent. */
  readonly nameId?: NameId | undefined;
  readonly overrides?: ResponseOverrides | undefined;
}

/** What a Response was made of, for the session's list of participants. */
export interface BuiltResponse {
  readonly xml: string;
  readonly nameId: NameId | undefined;
  readonly sessionIndex: string;
}

const confirmationSeconds = 5 * 60; // SamlMessageDeliveryWindow
const tokenSeconds = 60 * 60; // TokenLifetime

/** A Response with one assertion, signed and encrypted as the trust says. */
export function buildResponse(input: ResponseInput): BuiltResponse {
  const overrides = input.overrides ?? {};
  const assertionId = overrides.assertionId ?? makeId();
  const nameId =
    overrides.nameId === undefined ? (input.nameId ?? nameIdFor(input.user, input.trust)) : overrides.nameId;
  const mode = overrides.signature ?? input.trust.samlResponseSignature ?? 'AssertionOnly';
  const sign = (xml: string, id: string) =>
    signElement(xml, {
      id,
      key: overrides.signingKey ?? input.signing,
      algorithm: overrides.signatureAlgorithm ?? input.trust.signatureAlgorithm ?? 'rsa-sha256',
    });
  let assertion = buildAssertion(input, overrides, assertionId, nameId ?? undefined);
  assertion = overrides.editAssertion?.(assertion) ?? assertion;
  if (mode === 'AssertionOnly' || mode === 'MessageAndAssertion') assertion = sign(assertion, assertionId);
  assertion = overrides.editSignedAssertion?.(assertion) ?? assertion;
  const certificate = input.trust.encryptionCertificate;
  if (certificate !== undefined && overrides.encrypt !== false) {
    assertion = encryptAssertion(assertion, {
      certificate,
      algorithm: input.trust.encryptionAlgorithm ?? 'aes256-cbc',
    });
  }
  const responseId = overrides.responseId ?? makeId();
  let response = wrapInResponse(input, overrides, responseId, assertion);
  response = overrides.editResponse?.(response) ?? response;
  if (mode === 'MessageOnly' || mode === 'MessageAndAssertion') response = sign(response, responseId);
  return { xml: response, nameId: nameId ?? undefined, sessionIndex: overrides.sessionIndex ?? assertionId };
}

/** A Response without an assertion; AD FS signs the message of these whatever the trust says. */
export function buildStatusResponse(input: {
  readonly issuer: string;
  readonly signing: KeyPair;
  readonly trust: RelyingPartyTrust;
  readonly now: Date;
  readonly inResponseTo?: string | undefined;
  readonly statusCodes: readonly string[];
}): string {
  const id = makeId();
  const overrides = { statusCodes: input.statusCodes };
  const algorithm = input.trust.signatureAlgorithm ?? 'rsa-sha256';
  const response = wrapInResponse(input, overrides, id, '');
  return signElement(response, { id, key: input.signing, algorithm });
}

/** An identifier as .NET makes them. */
export function makeId(): string {
  return `_${randomUUID()}`;
}

/** The Status element: the codes nest, outermost first (Core §3.2.2.2). */
export function statusElement(codes: readonly string[]): string {
  const nested = codes.reduceRight(
    (inner, code) =>
      inner === ''
        ? `<samlp:StatusCode Value="${escapeXml(code)}" />`
        : `<samlp:StatusCode Value="${escapeXml(code)}">${inner}</samlp:StatusCode>`,
    '',
  );
  return `<samlp:Status>${nested}</samlp:Status>`;
}

type ResponseHeader = Pick<ResponseInput, 'issuer' | 'trust' | 'now' | 'inResponseTo'>;

function wrapInResponse(input: ResponseHeader, overrides: ResponseOverrides, id: string, content: string): string {
  const issuer = orDefault(overrides.responseIssuer, input.issuer);
  return (
    `<samlp:Response${attribute('ID', id)} Version="2.0"` +
    attribute('IssueInstant', (overrides.issueInstant ?? input.now).toISOString()) +
    attribute('Destination', orDefault(overrides.destination, input.trust.acsUrl)) +
    attribute('Consent', consentUnspecified) +
    attribute('InResponseTo', orDefault(overrides.responseInResponseTo, input.inResponseTo)) +
    `${attribute('xmlns:samlp', samlp)}>` +
    (issuer === undefined ? '' : `<Issuer xmlns="${saml}">${escapeXml(issuer)}</Issuer>`) +
    statusElement(overrides.statusCodes ?? [status.success]) +
    `${content}</samlp:Response>`
  );
}

function buildAssertion(input: ResponseInput, overrides: ResponseOverrides, id: string, nameId?: NameId): string {
  const issueInstant = overrides.issueInstant ?? input.now;
  const claims = overrides.claims ?? claimsFor(input.user, input.trust, input.hasSecondFactor);
  const issuer = overrides.assertionIssuer ?? input.issuer;
  return (
    `<Assertion${attribute('ID', id)}${attribute('IssueInstant', issueInstant.toISOString())} Version="2.0" xmlns="${saml}">` +
    `<Issuer>${escapeXml(issuer)}</Issuer>${subject(input, overrides, nameId)}${conditions(input, overrides)}` +
    `${attributeStatement(claims)}${authnStatement(input, overrides, id)}</Assertion>`
  );
}

function subject(input: ResponseInput, overrides: ResponseOverrides, nameId: NameId | undefined): string {
  const { confirmationNotBefore } = overrides;
  const notOnOrAfter = orDefault(overrides.confirmationNotOnOrAfter, addSeconds(input.now, confirmationSeconds));
  const name =
    nameId === undefined ? '' : `<NameID${attribute('Format', nameId.format)}>${escapeXml(nameId.value)}</NameID>`;
  return (
    `<Subject>${name}<SubjectConfirmation${attribute('Method', overrides.confirmationMethod ?? bearer)}>` +
    `<SubjectConfirmationData${attribute('InResponseTo', orDefault(overrides.confirmationInResponseTo, input.inResponseTo))}` +
    `${attribute('NotBefore', confirmationNotBefore?.toISOString())}${attribute('NotOnOrAfter', notOnOrAfter?.toISOString())}` +
    `${attribute('Recipient', orDefault(overrides.recipient, input.trust.acsUrl))} /></SubjectConfirmation></Subject>`
  );
}

function conditions(input: ResponseInput, overrides: ResponseOverrides): string {
  const notBefore = orDefault(overrides.notBefore, input.now);
  const notOnOrAfter = orDefault(overrides.notOnOrAfter, addSeconds(input.now, tokenSeconds));
  const audiences = orDefault(overrides.audiences, [input.trust.entityId, ...(input.trust.additionalAudiences ?? [])]);
  const elements = audiences?.map((audience) => `<Audience>${escapeXml(audience)}</Audience>`).join('');
  const restriction = elements === undefined ? '' : `<AudienceRestriction>${elements}</AudienceRestriction>`;
  const window = `${attribute('NotBefore', notBefore?.toISOString())}${attribute('NotOnOrAfter', notOnOrAfter?.toISOString())}`;
  return `<Conditions${window}>${restriction}</Conditions>`;
}

function attributeStatement(claims: Claims): string {
  const attributes = Object.entries(claims).map(([type, values]) => {
    const elements = values.map((value) => `<AttributeValue>${escapeXml(value)}</AttributeValue>`);
    return `<Attribute${attribute('Name', type)}>${elements.join('')}</Attribute>`;
  });
  return attributes.length === 0 ? '' : `<AttributeStatement>${attributes.join('')}</AttributeStatement>`;
}

function authnStatement(input: ResponseInput, overrides: ResponseOverrides, assertionId: string): string {
  const classRef = overrides.authnContextClassRef ?? input.classRef ?? authnContext.passwordProtectedTransport;
  return (
    `<AuthnStatement${attribute('AuthnInstant', (overrides.authnInstant ?? input.authnInstant).toISOString())}` +
    attribute('SessionIndex', orDefault(overrides.sessionIndex, assertionId)) +
    `${attribute('SessionNotOnOrAfter', overrides.sessionNotOnOrAfter?.toISOString())}>` +
    `<AuthnContext><AuthnContextClassRef>${escapeXml(classRef)}</AuthnContextClassRef></AuthnContext></AuthnStatement>`
  );
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeXml(value)}"`;
}

/** An override wins; `null` takes the field away. */
function orDefault<T>(override: T | null | undefined, fallback: T): T | undefined {
  if (override === null) return undefined;
  return override ?? fallback;
}

function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
