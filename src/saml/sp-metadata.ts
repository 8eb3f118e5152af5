// Our own metadata as a service provider (Metadata §2.4.4). No encryption key: AD FS would start to encrypt with CBC
// inside an unsigned Response as soon as it saw one.
import { xmlAttribute } from '../xml.ts';
import { base64FromPem } from './certificate.ts';
import { bindings, ns } from './names.ts';

export interface SpMetadata {
  readonly entityId: string;
  readonly acsUrl: string;
  /** PEM; the keys that sign our requests. */
  readonly signingCertificates: readonly string[];
  readonly wantAssertionsSigned: boolean;
}

export function spMetadataXml(metadata: SpMetadata): string {
  const keys = metadata.signingCertificates.map(
    (pem) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${ns.signature}"><ds:X509Data><ds:X509Certificate>` +
      `${base64FromPem(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<md:EntityDescriptor xmlns:md="${ns.metadata}" entityID="${xmlAttribute(metadata.entityId)}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="${keys.length > 0}" WantAssertionsSigned="${metadata.wantAssertionsSigned}"` +
    ` protocolSupportEnumeration="${ns.protocol}">${keys.join('')}` +
    `<md:AssertionConsumerService Binding="${bindings.post}" Location="${xmlAttribute(metadata.acsUrl)}"` +
    ' index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>\n'
  );
}
