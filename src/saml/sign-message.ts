// Enveloped signatures (Core §5.4) of what we write: our metadata, and messages that a form carries.
import { createHash, createSign, type KeyObject } from 'node:crypto';
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
 * @param canonical the element in exclusive canonical form, without a Signature
 */
export function envelopedSignature(canonical: string, id: string, { privateKey, certificate }: MessageSigner): string {
  const digest = createHash('sha256').update(canonical, 'utf8').digest('base64');
  const content =
    `<ds:CanonicalizationMethod Algorithm="${exclusiveC14n}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${rsaSha256}"></ds:SignatureMethod><ds:Reference URI="#${id}"><ds:Transforms>` +
    `<ds:Transform Algorithm="${ns.signature}enveloped-signature"></ds:Transform>` +
    `<ds:Transform Algorithm="${exclusiveC14n}"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${ns.encryption}sha256"></ds:DigestMethod>` +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  // In canonical form SignedInfo declares ds itself; in the document its parent does.
  const octets = `<ds:SignedInfo xmlns:ds="${ns.signature}">${content}`;
  const value = createSign('RSA-SHA256').update(octets, 'utf8').sign(privateKey, 'base64');
  return (
    `<ds:Signature xmlns:ds="${ns.signature}"><ds:SignedInfo>${content}<ds:SignatureValue>${value}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64FromPem(certificate)}</ds:X509Certificate></ds:X509Data>` +
    '</ds:KeyInfo></ds:Signature>'
  );
}
