// Our own metadata as a service provider (Metadata §2.4.4). An encryption key only where one is configured: AD FS begins to
// encrypt as soon as it sees one.
import { createHash } from 'node:crypto';
import { xmlAttribute, xmlInstant, xmlText } from '../../xml.ts';
import { bindings, ns } from '../names.ts';
import { envelopedSignature, type MessageSigner } from '../sign-message.ts';
import { base64FromPem } from './certificate.ts';

export interface SpMetadata {
  readonly entityId: string;
  readonly acsUrl: string;
  /** Undefined: no single logout. */
  readonly sloUrl?: string | undefined;
  /** PEM, in the order of the document. */
  readonly signingCertificates: readonly string[];
  /** PEM. AD FS refuses metadata with two. */
  readonly encryptionCertificate?: string | undefined;
  readonly wantAssertionsSigned: boolean;
  /** For people who choose or confirm at the identity provider. */
  readonly displayName?: string | undefined;
  readonly organization?: { readonly name: string; readonly url: string } | undefined;
  /** Whom the identity provider's people turn to. */
  readonly contact?: { readonly name: string; readonly email: string } | undefined;
  readonly validUntil?: Date | undefined;
  /** Undefined: the document is not signed. */
  readonly signer?: MessageSigner | undefined;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const nsUi = 'urn:oasis:names:tc:SAML:metadata:ui';

export async function spMetadataXml(metadata: SpMetadata): Promise<string> {
  const body = `${role(metadata)}${organizationElement(metadata)}${contactElement(metadata)}</md:EntityDescriptor>\n`;
  const { signer } = metadata;
  if (!signer) return declaration + openingTag(metadata, undefined) + body;
  // Made from the content, so that the same document is the same everywhere, and unique in it.
  const id = `_${createHash('sha256')
    .update(openingTag(metadata, undefined) + body)
    .digest('hex')
    .slice(0, 40)}`;
  const head = openingTag(metadata, id);
  // Metadata §3: enveloped, over the root; the schema wants it first.
  return declaration + head + (await envelopedSignature(head + body, signer)) + body;
}

function openingTag({ entityId, validUntil }: SpMetadata, id: string | undefined): string {
  return (
    `<md:EntityDescriptor xmlns:md="${ns.metadata}"${id === undefined ? '' : ` ID="${id}"`}` +
    ` entityID="${xmlAttribute(entityId)}"${validUntil ? ` validUntil="${xmlInstant(validUntil)}"` : ''}>`
  );
}

function role(metadata: SpMetadata): string {
  const { signingCertificates, encryptionCertificate, acsUrl, sloUrl } = metadata;
  return (
    `<md:SPSSODescriptor AuthnRequestsSigned="${signingCertificates.length > 0}"` +
    ` WantAssertionsSigned="${metadata.wantAssertionsSigned}" protocolSupportEnumeration="${ns.protocol}">` +
    userInterface(metadata) +
    signingCertificates.map((pem) => keyDescriptor('signing', pem, '')).join('') +
    (encryptionCertificate === undefined ? '' : keyDescriptor('encryption', encryptionCertificate, encryptionMethods)) +
    (sloUrl === undefined ? '' : endpoint('SingleLogoutService', bindings.redirect, sloUrl, '')) +
    (sloUrl === undefined ? '' : endpoint('SingleLogoutService', bindings.post, sloUrl, '')) +
    endpoint('AssertionConsumerService', bindings.post, acsUrl, ' index="0" isDefault="true"') +
    '</md:SPSSODescriptor>'
  );
}

// Metadata User Interface §2.1.
function userInterface({ displayName }: SpMetadata): string {
  if (displayName === undefined) return '';
  return (
    `<md:Extensions><mdui:UIInfo xmlns:mdui="${nsUi}"><mdui:DisplayName xml:lang="en">${xmlText(displayName)}` +
    '</mdui:DisplayName></mdui:UIInfo></md:Extensions>'
  );
}

function keyDescriptor(use: 'signing' | 'encryption', pem: string, methods: string): string {
  return (
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="${ns.signature}"><ds:X509Data><ds:X509Certificate>` +
    `${base64FromPem(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`
  );
}

const digestMethod = (algorithm: string) =>
  `<ds:DigestMethod xmlns:ds="${ns.signature}" Algorithm="${algorithm}"></ds:DigestMethod>`;

// The algorithms to choose from, those of RSA-OAEP with their digests (XML Encryption 1.1 §5.5.2). CBC is left out: we open it,
// but an identity provider should not choose it.
const encryptionMethods = [
  [`${ns.encryption11}aes256-gcm`, ''],
  [`${ns.encryption11}aes128-gcm`, ''],
  [`${ns.encryption11}rsa-oaep`, digestMethod(`${ns.encryption}sha256`)],
  [`${ns.encryption}rsa-oaep-mgf1p`, digestMethod(`${ns.signature}sha1`)],
]
  .map(([algorithm, digest]) => `<md:EncryptionMethod Algorithm="${algorithm}">${digest}</md:EncryptionMethod>`)
  .join('');

function endpoint(name: string, binding: string, location: string, attributes: string): string {
  return `<md:${name} Binding="${binding}" Location="${xmlAttribute(location)}"${attributes}></md:${name}>`;
}

function organizationElement({ organization }: SpMetadata): string {
  if (!organization) return '';
  const { name, url } = organization;
  const text = (element: string, value: string) => `<md:${element} xml:lang="en">${xmlText(value)}</md:${element}>`;
  return (
    `<md:Organization>${text('OrganizationName', name)}${text('OrganizationDisplayName', name)}` +
    `${text('OrganizationURL', url)}</md:Organization>`
  );
}

// SDP-MD11: a technical contact.
function contactElement({ contact }: SpMetadata): string {
  if (!contact) return '';
  return (
    `<md:ContactPerson contactType="technical"><md:GivenName>${xmlText(contact.name)}</md:GivenName>` +
    `<md:EmailAddress>mailto:${xmlText(contact.email)}</md:EmailAddress></md:ContactPerson>`
  );
}
