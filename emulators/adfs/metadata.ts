// Publishes federation metadata in the shape of AD FS: signed, WS-Federation roles first, in one long line.

import type { KeyPair } from '../keys.ts';
import { bindingPost, bindingRedirect, claimTypes, dsig, nameIdFormats, saml, samlp } from './names.ts';
import { makeId } from './response.ts';
import { certificateBase64, signElement } from './signing.ts';
import { escapeXml } from './xml.ts';

/** What the metadata tells about one emulator. */
export interface MetadataInput {
  readonly entityId: string;
  readonly url: string;
  readonly signing: KeyPair;
  readonly secondarySigning: KeyPair | undefined;
  readonly encryption: KeyPair;
}

const fed = 'http://docs.oasis-open.org/wsfed/federation/200706';
const auth = 'http://docs.oasis-open.org/wsfed/authorization/200706';
const wsFederationProtocols = [
  'http://docs.oasis-open.org/ws-sx/ws-trust/200512',
  'http://schemas.xmlsoap.org/ws/2005/02/trust',
  fed,
].join(' ');

const claimNames: Readonly<Record<string, string>> = {
  [claimTypes.windowsAccountName]: 'Windows account name',
  [claimTypes.groupSid]: 'Group SID',
  [claimTypes.denyOnlySid]: 'Deny only group SID',
  [claimTypes.authnMethodsReferences]: 'Authentication Methods References',
  [claimTypes.group]: 'Group',
  [claimTypes.upn]: 'UPN',
  [claimTypes.name]: 'Name',
  [claimTypes.givenName]: 'Given Name',
  [claimTypes.surname]: 'Surname',
  [claimTypes.emailAddress]: 'E-Mail Address',
};

/** The signed EntityDescriptor; it has no validUntil, as AD FS publishes none. */
export function buildMetadata(input: MetadataInput): string {
  const id = makeId();
  const encryption = keyDescriptor('encryption', input.encryption);
  const signing = [input.signing, input.secondarySigning]
    .filter((pair) => pair !== undefined)
    .map((pair) => keyDescriptor('signing', pair))
    .join('');
  const descriptor =
    `<EntityDescriptor ID="${id}" entityID="${escapeXml(input.entityId)}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` +
    applicationServiceRole(input, encryption) +
    securityTokenServiceRole(input, signing) +
    serviceProviderRole(input, encryption + signing) +
    identityProviderRole(input, encryption + signing) +
    '<ContactPerson contactType="support"><GivenName>Sample service desk</GivenName></ContactPerson></EntityDescriptor>';
  // In metadata AD FS writes the whole KeyInfo without a prefix, unlike in its Responses.
  return signElement(descriptor, { id, key: input.signing }).replace(/(<\/?)ds:X509/g, '$1X509');
}

function keyDescriptor(use: 'signing' | 'encryption', pair: KeyPair): string {
  const certificate = `<X509Certificate>${certificateBase64(pair.cert)}</X509Certificate>`;
  return `<KeyDescriptor use="${use}"><KeyInfo xmlns="${dsig}"><X509Data>${certificate}</X509Data></KeyInfo></KeyDescriptor>`;
}

function wsFederationRole(type: string, content: string): string {
  return (
    `<RoleDescriptor xsi:type="fed:${type}" protocolSupportEnumeration="${wsFederationProtocols}" ` +
    `ServiceDisplayName="Sample identity provider" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="${fed}">` +
    `${content}</RoleDescriptor>`
  );
}

function applicationServiceRole(input: MetadataInput, keys: string): string {
  const scopes = endpointReference(signOnUrl(input)) + endpointReference(input.entityId);
  return wsFederationRole(
    'ApplicationServiceType',
    `${keys}<fed:ClaimTypesRequested>${wsFederationClaims()}</fed:ClaimTypesRequested>` +
      `<fed:TargetScopes>${scopes}</fed:TargetScopes>` +
      `<fed:ApplicationServiceEndpoint>${endpointReference(trustUrl(input))}</fed:ApplicationServiceEndpoint>` +
      `<fed:PassiveRequestorEndpoint>${endpointReference(signOnUrl(input))}</fed:PassiveRequestorEndpoint>`,
  );
}

function securityTokenServiceRole(input: MetadataInput, keys: string): string {
  return wsFederationRole(
    'SecurityTokenServiceType',
    `${keys}<fed:TokenTypesOffered><fed:TokenType Uri="${saml}" /></fed:TokenTypesOffered>` +
      `<fed:ClaimTypesOffered>${wsFederationClaims()}</fed:ClaimTypesOffered>` +
      `<fed:SecurityTokenServiceEndpoint>${endpointReference(trustUrl(input))}</fed:SecurityTokenServiceEndpoint>` +
      `<fed:PassiveRequestorEndpoint>${endpointReference(signOnUrl(input))}</fed:PassiveRequestorEndpoint>`,
  );
}

function wsFederationClaims(): string {
  return Object.entries(claimNames)
    .map(
      ([uri, name]) =>
        `<auth:ClaimType Uri="${uri}" Optional="true" xmlns:auth="${auth}">` +
        `<auth:DisplayName>${name}</auth:DisplayName></auth:ClaimType>`,
    )
    .join('');
}

function serviceProviderRole(input: MetadataInput, keys: string): string {
  const consumer =
    `<AssertionConsumerService Binding="${bindingPost}" Location="${escapeXml(signOnUrl(input))}" ` +
    'index="0" isDefault="true" />';
  return (
    `<SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="${samlp}">` +
    `${keys}${endpoints('SingleLogoutService', input)}${nameIdFormatElements()}${consumer}</SPSSODescriptor>`
  );
}

function identityProviderRole(input: MetadataInput, keys: string): string {
  const attributes = Object.entries(claimNames).map(
    ([uri, name]) =>
      `<Attribute Name="${uri}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" ` +
      `FriendlyName="${name}" xmlns="${saml}" />`,
  );
  return (
    `<IDPSSODescriptor protocolSupportEnumeration="${samlp}">${keys}${endpoints('SingleLogoutService', input)}` +
    `${nameIdFormatElements()}${endpoints('SingleSignOnService', input)}${attributes.join('')}</IDPSSODescriptor>`
  );
}

function endpoints(name: string, input: MetadataInput): string {
  const location = escapeXml(signOnUrl(input));
  return [bindingRedirect, bindingPost]
    .map((binding) => `<${name} Binding="${binding}" Location="${location}" />`)
    .join('');
}

function nameIdFormatElements(): string {
  return [nameIdFormats.emailAddress, nameIdFormats.persistent, nameIdFormats.transient]
    .map((format) => `<NameIDFormat>${format}</NameIDFormat>`)
    .join('');
}

function endpointReference(address: string): string {
  return (
    '<EndpointReference xmlns="http://www.w3.org/2005/08/addressing">' +
    `<Address>${escapeXml(address)}</Address></EndpointReference>`
  );
}

function signOnUrl(input: MetadataInput): string {
  return `${input.url}/adfs/ls/`;
}

function trustUrl(input: MetadataInput): string {
  return `${input.url}/adfs/services/trust/2005/issuedtokenmixedasymmetricbasic256`;
}
