// Builds SAML responses for the emulator's tests: complete and signed by default, with every part replaceable, and with two
// places to damage the text: before it is signed (a validly signed wrong message) and after (a broken signature).
import { SignedXml } from 'xml-crypto';

/** The parts of a response. */
export interface ResponseParts {
  readonly issuer: string;
  /** Issuer of the response; `none` leaves it out. */
  readonly responseIssuer: string;
  readonly responseId: string;
  readonly assertionId: string;
  readonly responseIssueInstant: string;
  readonly issueInstant: string;
  readonly notBefore: string;
  readonly notOnOrAfter: string;
  readonly confirmationNotOnOrAfter: string;
  readonly sessionNotOnOrAfter: string | undefined;
  readonly audiences: readonly string[];
  readonly recipient: string;
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly status: string;
  /** Full attribute names. */
  readonly attributes: readonly (readonly [string, readonly string[]])[];
}

/** How the response is signed, and damaged. */
export interface BuildOptions {
  readonly key: string;
  readonly sign?: 'assertion' | 'response' | 'both' | 'none';
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly beforeSigning?: (xml: string) => string;
  readonly afterSigning?: (xml: string) => string;
  /** Damages the final base64 text. */
  readonly encode?: (xml: string) => string;
}

/** Prefix of the AWS attributes. */
export const AWS_ATTRIBUTE = 'https://aws.amazon.com/SAML/Attributes/';
const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** The base64 text of a response. */
export function buildResponse(parts: ResponseParts, options: BuildOptions): string {
  const sign = options.sign ?? 'assertion';
  let xml = (options.beforeSigning ?? same)(responseXml(parts));
  if (sign === 'assertion' || sign === 'both') xml = signElement(xml, parts.assertionId, options);
  if (sign === 'response' || sign === 'both') xml = signElement(xml, parts.responseId, options);
  return (options.encode ?? toBase64)((options.afterSigning ?? same)(xml));
}

/** Signs the element with this ID, the signature right behind its Issuer. */
function signElement(xml: string, id: string, options: BuildOptions): string {
  const path = `//*[@ID='${id}']`;
  const signer = new SignedXml({
    privateKey: options.key,
    signatureAlgorithm: options.signatureAlgorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXC_C14N,
  });
  signer.addReference({
    xpath: path,
    digestAlgorithm: options.digestAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: [ENVELOPED, EXC_C14N],
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${path}/*[local-name()='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

function responseXml(parts: ResponseParts): string {
  const outer = parts.responseIssuer === 'none' ? '' : `<saml:Issuer>${parts.responseIssuer}</saml:Issuer>`;
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${parts.responseId}" Version="2.0" IssueInstant="${parts.responseIssueInstant}" Destination="${parts.recipient}">
  ${outer}
  <samlp:Status><samlp:StatusCode Value="${parts.status}"/></samlp:Status>
  ${assertionXml(parts)}
</samlp:Response>`;
}

function assertionXml(parts: ResponseParts): string {
  const audiences = parts.audiences.map((audience) => `<saml:Audience>${audience}</saml:Audience>`).join('');
  const session = parts.sessionNotOnOrAfter;
  const sessionEnd = session === undefined ? '' : ` SessionNotOnOrAfter="${session}"`;
  return `<saml:Assertion ID="${parts.assertionId}" Version="2.0" IssueInstant="${parts.issueInstant}">
    <saml:Issuer>${parts.issuer}</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="${parts.nameIdFormat}">${parts.nameId}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${parts.confirmationNotOnOrAfter}" Recipient="${parts.recipient}"/></saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="${parts.notBefore}" NotOnOrAfter="${parts.notOnOrAfter}"><saml:AudienceRestriction>${audiences}</saml:AudienceRestriction></saml:Conditions>
    <saml:AuthnStatement AuthnInstant="${parts.issueInstant}"${sessionEnd}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
    <saml:AttributeStatement>${parts.attributes.map(attributeXml).join('')}</saml:AttributeStatement>
  </saml:Assertion>`;
}

function attributeXml([name, values]: readonly [string, readonly string[]]): string {
  const inner = values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('');
  return `<saml:Attribute Name="${name}">${inner}</saml:Attribute>`;
}

function same(xml: string): string {
  return xml;
}

function toBase64(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64');
}
