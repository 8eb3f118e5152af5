// Mints the assertion that opens one role at STS, or lets a person choose among some at the sign-in page. It writes the
// exclusive-canonical form directly, so that the digest covers the octets that it sends. Every value goes through one of
// the two escapes of xml.ts.
import { createHash } from 'node:crypto';
import type { Signer } from '../signer.ts';
import { xmlAttribute, xmlInstant, xmlText } from '../xml.ts';
import type { Partition } from './partitions.ts';

export interface MintingKey {
  readonly signer: Signer;
  /** Base64 DER of the certificate that the broker's IdP metadata shows for this key. */
  readonly certificate: string;
}

export interface MintRequest {
  readonly issuer: string;
  readonly partition: Partition;
  readonly recipient: string;
  readonly responseId: string;
  readonly assertionId: string;
  readonly issuedAt: Date;
  readonly authenticatedAt: Date;
  /** Opaque and persistent: it ends up in CloudTrail. */
  readonly subject: string;
  readonly roleArn: string;
  readonly principalArn: string;
  /** For the sign-in page, which lets the person choose. */
  readonly otherRoles?: readonly { readonly roleArn: string; readonly principalArn: string }[] | undefined;
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  /** Keys of tags that the next roles of a chain keep. */
  readonly transitiveTagKeys?: readonly string[];
  /** Seconds of the console session that a browser opens with it. */
  readonly consoleSeconds?: number | undefined;
}

/** STS redeems an assertion within 5 minutes of its issue; the broker uses it at once and allows no longer. */
const lifetimeMs = 5 * 60_000;
/** Tolerance for a clock at AWS that is behind the broker's. */
const notBeforeMs = 60_000;

const nsAssertion = 'urn:oasis:names:tc:SAML:2.0:assertion';
const nsProtocol = 'urn:oasis:names:tc:SAML:2.0:protocol';
const nsSignature = 'http://www.w3.org/2000/09/xmldsig#';
const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * The signed samlp:Response as XML; STS takes it in base64.
 * @throws RangeError if XML cannot contain a value
 * @throws BrokerError signing_unavailable or signing_refused
 */
export async function mintResponse(request: MintRequest, key: MintingKey): Promise<string> {
  const { assertionId, issuedAt, issuer } = request;
  const head =
    `<Assertion xmlns="${nsAssertion}" ID="${xmlAttribute(assertionId)}"` +
    ` IssueInstant="${xmlInstant(issuedAt)}" Version="2.0"><Issuer>${xmlText(issuer)}</Issuer>`;
  const body = assertionBody(request);
  const signature = await sign(head + body, request.assertionId, key);
  return (
    `<samlp:Response xmlns:samlp="${nsProtocol}" Destination="${xmlAttribute(request.recipient)}"` +
    ` ID="${xmlAttribute(request.responseId)}" IssueInstant="${xmlInstant(request.issuedAt)}" Version="2.0">` +
    `<Issuer xmlns="${nsAssertion}">${xmlText(request.issuer)}</Issuer>` +
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>' +
    `${head}${signature}${body}</samlp:Response>`
  );
}

function assertionBody(request: MintRequest): string {
  const { issuedAt, authenticatedAt, partition, assertionId } = request;
  const notOnOrAfter = xmlInstant(new Date(issuedAt.getTime() + lifetimeMs));
  const notBefore = xmlInstant(new Date(issuedAt.getTime() - notBeforeMs));
  return (
    '<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">' +
    `${xmlText(request.subject)}</NameID>` +
    '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">' +
    `<SubjectConfirmationData NotOnOrAfter="${notOnOrAfter}" Recipient="${xmlAttribute(request.recipient)}">` +
    '</SubjectConfirmationData></SubjectConfirmation></Subject>' +
    `<Conditions NotBefore="${notBefore}" NotOnOrAfter="${notOnOrAfter}"><AudienceRestriction>` +
    `<Audience>${xmlText(partition.audience)}</Audience></AudienceRestriction></Conditions>` +
    `<AuthnStatement AuthnInstant="${xmlInstant(authenticatedAt)}" SessionIndex="${xmlAttribute(assertionId)}">` +
    '<AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</AuthnContextClassRef>' +
    `</AuthnContext></AuthnStatement><AttributeStatement>${attributes(request)}</AttributeStatement></Assertion>`
  );
}

function attributes({ partition, ...request }: MintRequest): string {
  const { tags = [], transitiveTagKeys = [], otherRoles = [] } = request;
  const pairs = [request, ...otherRoles].map(({ roleArn, principalArn }) => `${roleArn},${principalArn}`);
  const attribute = (name: string, ...values: readonly string[]) =>
    `<Attribute Name="${xmlAttribute(partition.attributePrefix + name)}">` +
    `${values.map((value) => `<AttributeValue>${xmlText(value)}</AttributeValue>`).join('')}</Attribute>`;
  return (
    attribute('Role', ...pairs) +
    attribute('RoleSessionName', request.roleSessionName) +
    (request.consoleSeconds === undefined ? '' : attribute('SessionDuration', String(request.consoleSeconds))) +
    (request.sourceIdentity === undefined ? '' : attribute('SourceIdentity', request.sourceIdentity)) +
    tags.map(({ key, value }) => attribute(`PrincipalTag:${key}`, value)).join('') +
    (transitiveTagKeys.length === 0 ? '' : attribute('TransitiveTagKeys', ...transitiveTagKeys))
  );
}

// Core §5.4: an enveloped signature with one reference to the assertion, exclusive canonicalization, RSA with SHA-256.
async function sign(canonicalAssertion: string, assertionId: string, key: MintingKey): Promise<string> {
  const digest = createHash('sha256').update(canonicalAssertion, 'utf8').digest('base64');
  const content =
    `<ds:CanonicalizationMethod Algorithm="${exclusiveC14n}"></ds:CanonicalizationMethod>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>' +
    `<ds:Reference URI="#${xmlAttribute(assertionId)}"><ds:Transforms>` +
    `<ds:Transform Algorithm="${nsSignature}enveloped-signature"></ds:Transform>` +
    `<ds:Transform Algorithm="${exclusiveC14n}"></ds:Transform></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>' +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  // The canonical form of SignedInfo declares ds itself; in the document its parent does.
  const canonical = `<ds:SignedInfo xmlns:ds="${nsSignature}">${content}`;
  const value = Buffer.from(await key.signer.sign(Buffer.from(canonical, 'utf8'))).toString('base64');
  return (
    `<ds:Signature xmlns:ds="${nsSignature}"><ds:SignedInfo>${content}` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>` +
    `<ds:X509Certificate>${key.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
  );
}
