// Metadata documents of identity providers as products and people write them.
import { base64FromPem } from '../../../src/saml/metadata/certificate.ts';
import type { KeyPair } from '../../support/key-pairs.ts';

const binding = 'urn:oasis:names:tc:SAML:2.0:bindings:';

export const service = (name: string, bindingName: string, location: string, more = '') =>
  `<${name} Binding="${binding}${bindingName}" Location="${location}"${more}/>`;
export const redirectSso = service('SingleSignOnService', 'HTTP-Redirect', 'https://idp.example/sso');

/** @param text the content of each ds:X509Certificate */
export const keyDescriptor = (...text: readonly string[]) =>
  `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>` +
  `${text.map((each) => `<X509Certificate>${each}</X509Certificate>`).join('')}</X509Data></KeyInfo></KeyDescriptor>`;
export const keyOf = ({ cert }: KeyPair) => keyDescriptor(base64FromPem(cert));

export interface EntityParts {
  readonly keys: string;
  readonly services?: string;
  readonly attributes?: string;
  readonly declaration?: string;
}

export function entity({ keys, services = redirectSso, attributes = '', declaration = '' }: EntityParts): string {
  return (
    `${declaration}<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example"${attributes}>` +
    `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys}${services}` +
    '</IDPSSODescriptor></EntityDescriptor>'
  );
}

const mark = '\ufeff';
export const utf16le = (text: string) => Buffer.from(mark + text, 'utf16le');
export const utf16be = (text: string) => utf16le(text).swap16();
