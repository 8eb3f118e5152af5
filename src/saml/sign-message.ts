// Enveloped signatures (Core §5.4) of what we write: our metadata, and messages that a form carries. xml-crypto makes them:
// they are rare, so its cost does not count, and our own verifier checks the work of other code.
import type { SignatureAlgorithm } from 'xml-crypto';
import type { Signer } from '../signer.ts';
import { base64FromPem } from './metadata/certificate.ts';
import { ns, rsaSha256 } from './names.ts';

export interface MessageSigner {
  readonly signer: Signer;
  /** PEM */
  readonly certificate: string;
}

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * The ds:Signature to be put into the element.
 * @param xml the element with its ID, without a Signature
 * @throws BrokerError signing_unavailable or signing_refused
 */
export async function envelopedSignature(xml: string, { signer, certificate }: MessageSigner): Promise<string> {
  // Loaded on use: it brings xmldom, and most brokers sign no XML but assertions.
  const { SignedXml } = await import('xml-crypto');
  const signed = new SignedXml({
    // It asks for one, and the algorithm below uses the signer.
    privateKey: 'unused',
    signatureAlgorithm: rsaSha256,
    canonicalizationAlgorithm: exclusiveC14n,
    getKeyInfoContent: () =>
      `<ds:X509Data><ds:X509Certificate>${base64FromPem(certificate)}</ds:X509Certificate></ds:X509Data>`,
  });
  signed.SignatureAlgorithms[rsaSha256] = signatureAlgorithm(signer);
  signed.addReference({
    xpath: '/*',
    digestAlgorithm: `${ns.encryption}sha256`,
    transforms: [`${ns.signature}enveloped-signature`, exclusiveC14n],
  });
  // xmldom reads U+2028 as the end of a line (XML 1.1 §2.11), but keeps a reference to it.
  await new Promise<void>((resolve, reject) => {
    signed.computeSignature(xml.replaceAll('\u2028', '&#x2028;'), { prefix: 'ds' }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return signed.getSignatureXml();
}

// The library's constructors have no arguments, and a key in a KMS needs time.
function signatureAlgorithm(signer: Signer): new () => SignatureAlgorithm {
  const algorithm = {
    getAlgorithmName: () => rsaSha256,
    getSignature: (signedInfo: string, _key: unknown, done: (error: Error | null, signature?: string) => void) => {
      const signature = Promise.resolve(Buffer.from(signedInfo, 'utf8')).then((bytes) => signer.sign(bytes));
      signature.then((bytes) => done(null, Buffer.from(bytes).toString('base64')), done);
    },
  };
  function Algorithm() {
    return algorithm;
  }
  return Algorithm as unknown as new () => SignatureAlgorithm;
}
