// Enveloped XML signatures: makes them in AD FS's shape, and verifies those of relying parties.

import { X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import type { KeyPair } from '../keys.ts';
import { digestAlgorithms, dsig, exclusiveC14n, signatureAlgorithms } from './names.ts';
import type { XmlSignatureAlgorithm } from './types.ts';
import { childOf, childrenOf, parseXml, type XmlElement } from './xml.ts';

const enveloped = `${dsig}enveloped-signature`;

/** The certificate as KeyInfo carries it: base64 of the DER, in one line. */
export function certificateBase64(certificatePem: string): string {
  return new X509Certificate(certificatePem).raw.toString('base64');
}

/**
 * Signs the element with this ID and puts the Signature after its Issuer, or first where it has none.
 * Nothing else of the text changes: a second serialisation could alter what was signed.
 */
export function signElement(
  xml: string,
  input: { id: string; key: KeyPair; algorithm?: XmlSignatureAlgorithm },
): string {
  const algorithm = input.algorithm ?? 'rsa-sha256';
  const signer = new SignedXml({
    privateKey: input.key.key,
    signatureAlgorithm: signatureAlgorithms[algorithm],
    canonicalizationAlgorithm: exclusiveC14n,
    getKeyInfoContent: () => keyInfoContent(input.key.cert),
  });
  signer.addReference({
    xpath: `//*[@ID='${input.id}']`,
    transforms: [enveloped, exclusiveC14n],
    digestAlgorithm: digestAlgorithms[algorithm],
  });
  signer.computeSignature(xml, { prefix: 'ds' });
  const at = signaturePlace(xml, input.id);
  return xml.slice(0, at) + plainKeyInfo(signer.getSignatureXml()) + xml.slice(at);
}

function signaturePlace(xml: string, id: string): number {
  const idAt = xml.indexOf(` ID="${id}"`);
  if (idAt < 0) throw new Error('no element has this ID');
  const content = xml.indexOf('>', idAt) + 1;
  const issuer = /^\s*<([\w.-]+:)?Issuer\b[^>]*>[^<]*<\/([\w.-]+:)?Issuer>/.exec(xml.slice(content));
  return content + (issuer?.[0].length ?? 0);
}

function keyInfoContent(certificatePem: string): string {
  const certificate = certificateBase64(certificatePem);
  return `<ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>`;
}

/** AD FS writes KeyInfo in a default namespace inside `ds:Signature`; the signature does not cover KeyInfo. */
function plainKeyInfo(signatureXml: string): string {
  return signatureXml.replace('<ds:KeyInfo>', `<KeyInfo xmlns="${dsig}">`).replace('</ds:KeyInfo>', '</KeyInfo>');
}

/** What came of looking at a message's own signature. */
export type SignatureResult =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'valid'; readonly signedXml: string; readonly algorithm: string }
  | { readonly kind: 'invalid'; readonly algorithm: string; readonly reason: string };

/**
 * Verifies the enveloped signature of the document's root with any of the certificates.
 * `signedXml` is the canonical text that was signed; read the message from there.
 */
export function verifyEnveloped(xml: string, certificates: readonly string[]): SignatureResult {
  const root = parseXml(xml);
  const signatures = childrenOf(root, dsig, 'Signature');
  const signature = signatures[0];
  if (signature === undefined) return { kind: 'unsigned' };
  const signedInfo = childOf(signature, dsig, 'SignedInfo');
  const algorithm =
    signedInfo === undefined ? '' : (childOf(signedInfo, dsig, 'SignatureMethod')?.attributes.get('Algorithm') ?? '');
  const references = signedInfo === undefined ? [] : childrenOf(signedInfo, dsig, 'Reference');
  // The signature has to cover the message itself, not an element smuggled in beside it.
  const covers = references.length === 1 && references[0]?.attributes.get('URI') === `#${root.attributes.get('ID')}`;
  if (signatures.length !== 1 || !covers)
    return { kind: 'invalid', algorithm, reason: 'it does not cover the message' };
  const signatureXml = withDeclarations(xml, root, signature);
  for (const certificate of certificates) {
    const signedXml = checkWith(xml, signatureXml, certificate);
    if (signedXml !== undefined) return { kind: 'valid', signedXml, algorithm };
  }
  return { kind: 'invalid', algorithm, reason: 'no configured certificate verifies it' };
}

/** The Signature as a separate document, with the prefixes that the root declares. */
function withDeclarations(xml: string, root: XmlElement, signature: XmlElement): string {
  const text = xml.slice(signature.start, signature.end);
  const declarations = Object.entries(root.declared)
    .filter(([prefix]) => !(prefix in signature.declared))
    .map(([prefix, uri]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${uri}"`);
  return text.replace(/^<[^\s/>]+/, (name) => name + declarations.join(''));
}

function checkWith(xml: string, signatureXml: string, certificate: string): string | undefined {
  const verifier = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
  try {
    verifier.loadSignature(signatureXml);
    return verifier.checkSignature(xml) ? verifier.getSignedReferences()[0] : undefined;
  } catch {
    // xml-crypto throws for a wrong value and for unknown algorithms alike: this certificate does not verify it.
    return undefined;
  }
}
