// The broker's own IdP metadata, to be uploaded as an IAM SAML provider. IAM wants at least 1,000 characters, no BOM.
import { xmlAttribute } from '../xml.ts';

export interface BrokerMetadata {
  readonly issuer: string;
  /** Where AWS would send people to sign in; IAM demands the element and never uses it. */
  readonly signInUrl: string;
  /** Base64 DER: the current minting certificate first, then those of a rotation. */
  readonly certificates: readonly string[];
}

// No validUntil: IAM would take the provider to end with it.
export function brokerMetadataXml({ issuer, signInUrl, certificates }: BrokerMetadata): string {
  const keys = certificates.map(
    (certificate) =>
      '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>' +
      `<ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${xmlAttribute(issuer)}">` +
    '<md:IDPSSODescriptor WantAuthnRequestsSigned="false"' +
    ` protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}` +
    '<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>' +
    '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"' +
    ` Location="${xmlAttribute(signInUrl)}"/></md:IDPSSODescriptor></md:EntityDescriptor>\n`
  );
}
