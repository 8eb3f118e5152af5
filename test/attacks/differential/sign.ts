// Fills in digests and signature values. It signs the octets that our own canonicalizer makes: the point of it is that
// two others must come to the same. What cannot be canonicalized stays unsigned, and is refused.
import { createHash, type KeyObject, sign } from 'node:crypto';
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts';
import { digestAlgorithms, signatureAlgorithms } from '../../../src/saml/xml/verify-signature.ts';
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import { walk, type XmlElement } from '../../../src/saml/xml/xml-tree.ts';
import { placeholders, type Signed } from './signature-source.ts';

/** @param lineBreak between the lines of a long base64 text */
export function fillIn(xml: string, what: Signed, key: KeyObject, lineBreak: string): string {
  const { digest, value } = placeholders(what);
  if (!xml.includes(digest)) return xml;
  try {
    const octets = digestOctets(xml, digest);
    const withDigest = xml.replaceAll(digest, broken(octets, lineBreak));
    return withDigest.replaceAll(value, broken(signatureOf(withDigest, value, key), lineBreak));
  } catch {
    return xml;
  }
}

function digestOctets(xml: string, placeholder: string): string {
  const root = readXml(xml, messageLimits);
  const reference = holderOf(root, placeholder, 'Reference');
  const signature = reference.parent!.parent!;
  const id = attributeValue(reference, 'URI').slice(1);
  const signed = [...walk(root)].find((element) => attributeValue(element, 'ID') === id) ?? signature.parent!;
  const transforms = childOf(reference, 'Transforms')?.children ?? [];
  const octets = canonicalize(signed, { inclusivePrefixes: prefixList(transforms[1]), without: signature });
  const algorithm = digestAlgorithms[attributeValue(childOf(reference, 'DigestMethod'), 'Algorithm')] ?? 'sha256';
  return createHash(algorithm).update(octets, 'utf8').digest('base64');
}

function signatureOf(xml: string, placeholder: string, key: KeyObject): string {
  const signature = holderOf(readXml(xml, messageLimits), placeholder, 'Signature');
  const info = childOf(signature, 'SignedInfo')!;
  const octets = canonicalize(info, { inclusivePrefixes: prefixList(childOf(info, 'CanonicalizationMethod')) });
  const method = signatureAlgorithms[attributeValue(childOf(info, 'SignatureMethod'), 'Algorithm')];
  const { hash, options } = method ?? { hash: 'sha256', options: {} };
  return sign(hash, Buffer.from(octets, 'utf8'), { key, ...options }).toString('base64');
}

/** The element of this name around the first text that is the placeholder. */
function holderOf(root: XmlElement, placeholder: string, name: string): XmlElement {
  let found = [...walk(root)].find((element) => element.text.includes(placeholder));
  while (found && found.name !== name) found = found.parent;
  if (!found) throw new RangeError(`no ${name}`);
  return found;
}

function childOf(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((child) => child.name === name);
}

function attributeValue(element: XmlElement | undefined, attribute: string): string {
  return element?.attributes.find(({ name }) => name === attribute)?.value ?? '';
}

function prefixList(holder: XmlElement | undefined): string[] {
  const list = holder && attributeValue(childOf(holder, 'InclusiveNamespaces'), 'PrefixList');
  return (list ?? '').split(/\s+/).filter((prefix) => prefix !== '');
}

function broken(base64: string, lineBreak: string): string {
  return lineBreak === '' ? base64 : base64.replace(/.{76}/g, `$&${lineBreak}`);
}
