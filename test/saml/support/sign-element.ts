// Enveloped XML signatures for test messages, with every algorithm open to a test's choice.
import { SignedXml } from 'xml-crypto';
import type { KeyPair } from '../../support/key-pairs.ts';

export const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

export interface SigningOptions {
  readonly signatureAlgorithm?: string;
  readonly digestAlgorithm?: string;
  readonly canonicalizationAlgorithm?: string;
  readonly transforms?: readonly string[];
  readonly inclusivePrefixes?: readonly string[];
  /** Signs with the certificate's text as HMAC secret: the key confusion attack. */
  readonly hmac?: boolean;
}

/** Signs the message itself, or the Assertion directly below it; the Signature comes after its Issuer where there is one. */
export function signElement(
  xml: string,
  name: 'Assertion' | 'Response' | 'LogoutRequest' | 'LogoutResponse',
  key: KeyPair,
  options: SigningOptions = {},
): string {
  const path = name === 'Assertion' ? "/*/*[local-name()='Assertion']" : '/*';
  const signer = new SignedXml({
    privateKey: options.hmac ? key.cert : key.key,
    publicCert: key.cert,
    signatureAlgorithm: options.signatureAlgorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: options.canonicalizationAlgorithm ?? exclusiveC14n,
  });
  if (options.hmac) signer.enableHMAC();
  signer.addReference({
    xpath: path,
    digestAlgorithm: options.digestAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: [...(options.transforms ?? [enveloped, exclusiveC14n])],
    inclusiveNamespacesPrefixList: [...(options.inclusivePrefixes ?? [])],
  });
  const hasIssuer = new RegExp(`<(samlp:)?${name}[^>]*><Issuer`).test(xml);
  const location = hasIssuer
    ? { reference: `${path}/*[local-name()='Issuer'][1]`, action: 'after' as const }
    : { reference: path, action: 'prepend' as const };
  signer.computeSignature(xml, { prefix: 'ds', location });
  return signer.getSignedXml();
}
