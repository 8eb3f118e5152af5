// Enveloped signatures (Core §5.4) of what we write: our metadata, and messages that a form carries. xml-crypto makes them:
// they are rare, so its cost does not count, and our own verifier checks the work of other code.
import type { KeyObject } from 'node:crypto';
import { base64FromPem } from './metadata/certificate.ts';
import { ns, rsaSha256 } from './names.ts';

export interface MessageSigner {
  readonly privateKey: KeyObject;
  /** PEM */
  readonly certificate: string;
}

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * The ds:Signature to be put into the element.
 * @param xml the element with its ID, without a Signature
 */
export async function envelopedSignature(xml: string, { privateKey, certificate }: MessageSigner): Promise<string> {
  // Loaded on use: it brings xmldom, and most brokers sign no XML but assertions.
  const { SignedXml } = await import('xml-crypto');
  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm: rsaSha256,
    canonicalizationAlgorithm: exclusiveC14n,
    getKeyInfoContent: () =>
      `<ds:X509Data><ds:X509Certificate>${base64FromPem(certificate)}</ds:X509Certificate></ds:X509Data>`,
  });
  signer.addReference({
    xpath: '/*',
    digestAlgorithm: `${ns.encryption}sha256`,
    transforms: [`${ns.signature}enveloped-signature`, exclusiveC14n],
  });
  // xmldom reads U+2028 as the end of a line (XML 1.1 §2.11), but keeps a reference to it.
  signer.computeSignature(xml.replaceAll('\u2028', '&#x2028;'), { prefix: 'ds' });
  return signer.getSignatureXml();
}
