// What a Signature may look like (Core §5.4): the one shape that identity providers send, and nothing beside it. Whatever
// it contains is read by name, so a second reading must not find anything else under the same names.
import { requireSaml } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { ns } from '../names.ts';
import { digestAlgorithms, signatureAlgorithms } from './verify-signature.ts';
import { attributeOf, childrenOf, isElement, onlyChild, walk, type XmlElement } from './xml-tree.ts';

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** A document without comments has one canonical form under both names, and xml-reader.ts refuses comments in messages. */
function isExclusive(uri: string | undefined): boolean {
  return uri === exclusiveC14n || uri === `${exclusiveC14n}WithComments`;
}

const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** What some readers take for an ID, in whatever namespace it is. */
export function isIdName(name: string): boolean {
  return name === 'ID' || name === 'Id' || name === 'id';
}

/** Whether the element carries a Signature; if it does, its shape and algorithms are on the list. */
export function checkedSignature(element: XmlElement): boolean {
  const signature = onlyChild(element, ns.signature, 'Signature');
  if (!signature) return false;
  // Core §5.4 does not allow Object, whose content would be unsigned (XML Signature §4.5).
  requireChildren(signature, ['SignedInfo', 'SignatureValue'], 'KeyInfo');
  requireNoParts(signature);
  const info = onlyChild(signature, ns.signature, 'SignedInfo')!;
  requireChildren(info, ['CanonicalizationMethod', 'SignatureMethod', 'Reference']);
  const reference = onlyChild(info, ns.signature, 'Reference')!;
  const id = attributeOf(element, 'ID');
  // xmlsec1 takes the first one for the element's ID, also in another namespace.
  const ids = element.attributes.filter(({ name }) => isIdName(name));
  requireSaml(ids.length === 1, 'malformed', 'a signed element with more than one ID');
  // Core §5.4.2: one same-document reference to the ID of the element that is signed.
  const isOwn = id !== undefined && attributeOf(reference, 'URI') === `#${id}`;
  requireSaml(isOwn, 'signature', 'Reference to another element');
  checkAlgorithm(info, 'CanonicalizationMethod', (uri) => isExclusive(uri));
  checkAlgorithm(info, 'SignatureMethod', (uri) => Object.hasOwn(signatureAlgorithms, uri));
  checkAlgorithm(reference, 'DigestMethod', (uri) => Object.hasOwn(digestAlgorithms, uri));
  checkTransforms(reference);
  requireChildren(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  return true;
}

const parts = new Set([
  'SignedInfo',
  'Reference',
  'Transforms',
  'Transform',
  'DigestValue',
  'SignatureValue',
  'Signature',
]);

// KeyInfo could hold them (RetrievalMethod, SPKI formats), and verifiers that look for the parts of a Signature by name
// would find them there: node-saml counts its Transforms so.
function requireNoParts(signature: XmlElement): void {
  const keyInfo = onlyChild(signature, ns.signature, 'KeyInfo');
  if (!keyInfo) return;
  for (const { name } of walk(keyInfo)) requireSaml(!parts.has(name), 'malformed', `KeyInfo holds a ${name}`);
}

/** Exactly these in this order, and at most one of the optional name behind them. */
function requireChildren({ name, children }: XmlElement, required: readonly string[], optional?: string): void {
  const names = optional !== undefined && children.length > required.length ? [...required, optional] : required;
  const isExact =
    children.length === names.length && children.every((child, i) => isElement(child, ns.signature, names[i]!));
  requireSaml(isExact, 'malformed', `${name} holds other elements than it should`);
}

function checkAlgorithm(parent: XmlElement, name: string, allowed: (uri: string) => boolean): void {
  const method = onlyChild(parent, ns.signature, name);
  const uri = attributeOf(method, 'Algorithm') ?? '';
  requireSaml(allowed(uri), 'algorithm', `${name} not allowed`, { algorithm: quoted(uri) });
  // Only canonicalization has a parameter that we know (Exclusive C14N §4).
  if (method) requireParameters(method, name === 'CanonicalizationMethod');
}

function requireParameters({ name, children }: XmlElement, hasPrefixList: boolean): void {
  const isKnown =
    children.length === 0 ||
    (hasPrefixList && children.length === 1 && isElement(children[0]!, exclusiveC14n, 'InclusiveNamespaces'));
  requireSaml(isKnown, 'algorithm', `${name} with a parameter that is not known`);
}

// Core §5.4.4: enveloped-signature and exclusive canonicalization, nothing else.
function checkTransforms(reference: XmlElement): void {
  const list = onlyChild(reference, ns.signature, 'Transforms');
  const transforms = list ? childrenOf(list, ns.signature, 'Transform') : [];
  const uris = transforms.map((transform) => attributeOf(transform, 'Algorithm'));
  const isExpected = uris.length === 2 && uris[0] === enveloped && isExclusive(uris[1]);
  const algorithm = quoted(uris.join(' '));
  requireSaml(isExpected && list!.children.length === 2, 'algorithm', 'Transforms not allowed', { algorithm });
  // The first has no parameters, and xml-crypto signs with a PrefixList there as well: it means nothing.
  requireParameters(transforms[1]!, true);
}
