// The enveloped signature of a metadata document: verified over the root with a key known beforehand (saml2int
// SDP-MD02), and made for our own document. Whoever reads verified metadata reads the bytes returned here, no others.
import { createHash, createSign, type KeyObject } from 'node:crypto';
import { requireSaml, samlRefusal } from '../../errors.ts';
import { checkIds } from '../gate.ts';
import { ns, rsaSha256 } from '../names.ts';
import { checkedSignature } from '../xml/signature-shape.ts';
import { verifyEnveloped } from '../xml/verify-signature.ts';
import { metadataLimits, readXml } from '../xml/xml-reader.ts';
import { walk } from '../xml/xml-tree.ts';
import { base64FromPem } from './certificate.ts';

/**
 * The canonical text of the document as the holder of one of the keys signed it.
 * @param certificates PEM, from the configuration. A certificate that the document brings along never counts.
 * @throws BrokerError saml_refused `signature`, `algorithm` or `malformed`
 */
export function verifiedMetadata(xml: string, certificates: readonly string[]): string {
  const root = readXml(xml.replace(/^\ufeff/, ''), metadataLimits);
  const isMetadata = root.namespace === ns.metadata && /^Entit(y|ies)Descriptor$/.test(root.name);
  requireSaml(isMetadata, 'malformed', 'root is not EntityDescriptor or EntitiesDescriptor');
  const ids = new Set<string>();
  for (const element of walk(root)) checkIds(element, ids);
  // The root's own Signature: one further down would leave what stands around it to anybody.
  if (!checkedSignature(root)) throw samlRefusal('signature', 'the metadata is not signed');
  return verifyEnveloped(root, certificates).octets;
}

export interface MetadataSigner {
  readonly privateKey: KeyObject;
  /** PEM */
  readonly certificate: string;
}

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * The ds:Signature to be put in as the first child of the element.
 * @param canonical the element in exclusive canonical form, without a Signature
 */
export function metadataSignature(canonical: string, id: string, { privateKey, certificate }: MetadataSigner): string {
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
