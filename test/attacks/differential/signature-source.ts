// Signatures as source: the shapes that signers make, and what an attacker makes of them. Digest and value are
// placeholders until sign.ts fills them in.
import { type Chance, pick } from '../support/mutate.ts';
import { any, elementsNamed, type Mutation } from './content-mutations.ts';
import { childrenNamed, cloneSource, localName, type SourceElement } from './source-tree.ts';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const xenc = 'http://www.w3.org/2001/04/xmlenc#';
const signatureMethods = [
  `${more}rsa-sha256`,
  `${more}rsa-sha512`,
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
];

export type Signed = 'Assertion' | 'Response';

/** Placeholders for the digest and the value until they are computed. */
export const placeholders = (what: Signed) => ({ digest: `@digest-${what}@`, value: `@value-${what}@` });

/** Takes the Signature out of an element. */
export function removeSignature(element: SourceElement): void {
  element.content = element.content.filter((item) => typeof item === 'string' || localName(item.name) !== 'Signature');
}

/** Puts one in where the schemas have it. */
export function putSignature(element: SourceElement, what: Signed, chance: Chance): void {
  const id = element.attributes.find(({ name }) => name === 'ID')?.raw ?? '';
  const issuer = childrenNamed(element, 'Issuer')[0];
  const at = issuer ? element.content.indexOf(issuer) + 1 : 0;
  element.content.splice(at, 0, makeSignature(what, id, chance));
}

function makeSignature(what: Signed, id: string, chance: Chance): SourceElement {
  const prefix = pick(['ds:', 'ds:', 'ds:', 'dsig:', 'ns1:', ''], chance);
  const algorithm = (uri: string) => [{ name: 'Algorithm', raw: uri }];
  const make = (name: string, attributes: SourceElement['attributes'], ...content: SourceElement['content']) => ({
    ...{ name: prefix + name, attributes, content },
  });
  const { digest, value } = placeholders(what);
  const isUsual = chance() < 0.8;
  const reference = make(
    'Reference',
    [{ name: 'URI', raw: `#${id}` }],
    make(
      'Transforms',
      [],
      make('Transform', algorithm(`${dsig}enveloped-signature`)),
      make('Transform', algorithm(exclusive)),
    ),
    make('DigestMethod', algorithm(isUsual ? `${xenc}sha256` : `${xenc}sha512`)),
    make('DigestValue', [], digest),
  );
  const info = make(
    'SignedInfo',
    [],
    make('CanonicalizationMethod', algorithm(exclusive)),
    make('SignatureMethod', algorithm(isUsual ? signatureMethods[0]! : pick(signatureMethods, chance))),
    reference,
  );
  const declared = [{ name: prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`, raw: dsig }];
  const signature = make('Signature', declared, info, make('SignatureValue', [], value));
  const keyInfo = make('KeyInfo', [], make('KeyName', [], 'idp'));
  if (chance() < 0.6) signature.content.push(keyInfo);
  if (chance() < 0.1) signature.attributes.push({ name: 'Id', raw: `_sig-${what}` });
  if (chance() < 0.05) reference.attributes.push({ name: 'Type', raw: 'urn:x' });
  return signature;
}

const uris = ['', '#', '#_evil', '#_x', '#xpointer(/)', "#xpointer(id('_assertion'))", '#_response', '#_assertion'];
const algorithms = [
  ...[
    exclusive,
    `${exclusive}WithComments`,
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
    `${dsig}enveloped-signature`,
  ],
  ...[...signatureMethods, `${dsig}rsa-sha1`, `${dsig}hmac-sha1`, `${xenc}sha256`, `${xenc}sha512`, `${dsig}sha1`, ''],
];
const parts = [
  'SignedInfo',
  'SignatureValue',
  'KeyInfo',
  'Reference',
  'Transform',
  'Transforms',
  'DigestValue',
  'KeyName',
];

export const signatureMutations: Readonly<Record<string, Mutation>> = {
  'another part of a Signature': (root, chance) => {
    const part = any(elementsNamed(root, pick(parts, chance)), chance);
    const parent = any(elementsNamed(root, pick(['Signature', 'SignedInfo', 'Reference', 'KeyInfo'], chance)), chance);
    if (part && parent && part !== parent) parent.content.push(cloneSource(part));
  },
  'an Object': (root, chance) => {
    const inside = any([...elementsNamed(root, 'Assertion'), ...elementsNamed(root, 'Subject')], chance);
    const signature = any(elementsNamed(root, 'Signature'), chance);
    if (!signature || !inside) return;
    const prefix = signature.name.slice(0, -'Signature'.length);
    const content = [cloneSource(inside)];
    const object = { name: `${prefix}${pick(['Object', 'KeyInfo', 'Manifest'], chance)}`, attributes: [], content };
    signature.content.splice(pick([0, signature.content.length], chance), 0, object);
  },
  'parts of a Signature in another order': (root, chance) =>
    any(
      elementsNamed(root, pick(['Signature', 'SignedInfo', 'Reference', 'Transforms'], chance)),
      chance,
    )?.content.sort(() => chance() - 0.5),
  'another URI': (root, chance) => {
    const reference = any(elementsNamed(root, 'Reference'), chance);
    if (reference) reference.attributes = [{ name: pick(['URI', 'URI', 'uri'], chance), raw: pick(uris, chance) }];
  },
  'another algorithm': (root, chance) => {
    const names = ['Transform', 'CanonicalizationMethod', 'SignatureMethod', 'DigestMethod'];
    const method = any(elementsNamed(root, pick(names, chance)), chance);
    const attribute = method?.attributes.find(({ name }) => name === 'Algorithm');
    if (attribute) attribute.raw = pick(algorithms, chance);
  },
  'attributes in a Signature': (root, chance) => {
    const element = any(elementsNamed(root, pick(['Signature', ...parts], chance)), chance);
    const name = pick(['Id', 'Type', 'Encoding', 'a', 'xml:lang', 'MimeType'], chance);
    if (element && !element.attributes.some((each) => each.name === name))
      element.attributes.push({ name, raw: pick(['_s', '_assertion', 'x', ''], chance) });
  },
  'white space in a Signature': (root, chance) => {
    for (const name of [
      'SignedInfo',
      'Reference',
      'Transforms',
      'Signature',
      'SignatureValue',
      'DigestValue',
      'Transform',
    ])
      for (const { content } of elementsNamed(root, name))
        if (chance() < 0.4)
          content.splice(
            Math.floor(chance() * (content.length + 1)),
            0,
            pick(['\n', ' ', '\t', '\r\n', '&#13;', '&#13;\n', '&#10;', '\n\n  '], chance),
          );
  },
  'text in a Signature': (root, chance) =>
    any(
      elementsNamed(root, pick(['DigestValue', 'SignatureValue', 'SignedInfo', 'DigestMethod'], chance)),
      chance,
    )?.content.push(pick(['=', 'A', '&#32;', '\xa0', '-', '\x80', '&#65;', '<x/>'], chance)),
  'more KeyInfo': (root, chance) => {
    const info = any(elementsNamed(root, 'KeyInfo'), chance);
    const name = info?.name.replace('KeyInfo', pick(['X509Data', 'KeyValue', 'RetrievalMethod', 'KeyName'], chance));
    if (info && name) info.content.push({ name, attributes: [], content: [pick(['x', ' ', '&lt;', 'MIIB'], chance)] });
  },
};
