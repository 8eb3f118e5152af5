// Namespaces, prefixes, white space: what canonicalization makes of them must be what the reader sees, or nothing.
import { nsSaml, nsSamlp } from '../../saml/support/response-builder.ts';
import type { Attack } from '../support/attack.ts';
import { toEvil } from '../support/evil.ts';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const insert = (xml: string, what: string) => xml.replace('<Conditions', `${what}<Conditions`);

/** Refused as XML, signed or not. */
const names: readonly (readonly [string, (xml: string) => string])[] = [
  ['an unbound prefix', (xml) => insert(xml, '<x:y/>')],
  ['an unbound prefix on an attribute', (xml) => xml.replace('<Conditions', '<Conditions x:y=""')],
  ['a relative namespace', (xml) => insert(xml, '<x xmlns="relative"/>')],
  ['a relative namespace with a prefix', (xml) => insert(xml, '<x xmlns:p="../x"/>')],
  ['a namespace that is only a fragment', (xml) => insert(xml, '<x xmlns:p="#x"/>')],
  ['a prefix that is taken back', (xml) => insert(xml, '<x xmlns:p=""/>')],
  ['the prefix xml bound to something else', (xml) => insert(xml, '<x xmlns:xml="urn:x"/>')],
  ['the prefix xmlns bound to something', (xml) => insert(xml, '<x xmlns:xmlns="urn:x"/>')],
  ['the namespace of xmlns as the default one', (xml) => insert(xml, '<x xmlns="http://www.w3.org/2000/xmlns/"/>')],
  ['one attribute twice by two prefixes', (xml) => insert(xml, '<x xmlns:a="urn:x" xmlns:b="urn:x" a:c="1" b:c="2"/>')],
  ['a name with two colons', (xml) => insert(xml, '<a:b:c xmlns:a="urn:x"/>')],
];

/** Good names in a wrong namespace: a reader by local names would take them. */
const namespaces: readonly (readonly [string, (xml: string) => string, Attack['reason']])[] = [
  ['the Response', (xml) => xml.replace(nsSamlp, 'urn:oasis:names:tc:SAML:1.0:protocol'), 'malformed'],
  ['the Response in that of assertions', (xml) => xml.replace(nsSamlp, nsSaml), 'malformed'],
  ['the Assertion', (xml) => xml.replace(/(<Assertion [^>]*)xmlns="[^"]*"/, '$1xmlns="urn:x"'), 'malformed'],
  ['the Signature', (xml) => xml.replaceAll(dsig, 'urn:x'), ['signature', 'malformed']],
  ['the Subject', (xml) => xml.replace('<Subject>', '<Subject xmlns="urn:x">'), 'signature'],
  ['the NameID', (xml) => xml.replace('<NameID>', '<NameID xmlns="urn:x">'), 'signature'],
  ['the Conditions', (xml) => xml.replace('<Conditions ', '<Conditions xmlns="urn:x" '), 'signature'],
  ['the Issuer', (xml) => xml.replace('<Issuer>', '<Issuer xmlns="urn:x">'), 'signature'],
];

/** Changes below the signature that sloppy canonicalization would not see. */
const unseen: readonly (readonly [string, (xml: string) => string])[] = [
  ['white space between elements', (xml) => insert(xml, ' ')],
  ['a line feed between elements', (xml) => insert(xml, '\n')],
  ['white space in a group', (xml) => xml.replace('AWS-Dev<', 'AWS-Dev <')],
  ['white space in the NameID', (xml) => xml.replace('>alice@', '> alice@')],
  ['a non-breaking space in a group', (xml) => xml.replace('AWS-Dev<', 'AWS-Dev\u00a0<')],
  ['a letter that looks alike', (xml) => xml.replace('AWS-Dev<', 'AWS-D\u0435v<')],
  ['a letter in another normal form', (xml) => xml.replace('AWS-Dev<', 'AWS-De\u0301v<')],
  ['a tab by reference in an attribute', (xml) => xml.replace(' SessionIndex="', ' SessionIndex="&#9;')],
  ['a carriage return by reference', (xml) => xml.replace('AWS-Dev<', 'AWS-Dev&#13;<')],
  ['a namespace declared and used', (xml) => xml.replace('<Conditions ', '<Conditions xmlns:x="urn:x" x:y="z" ')],
  ['an attribute in the xml namespace', (xml) => xml.replace('<Conditions ', '<Conditions xml:lang="en" ')],
  ['an empty element added', (xml) => insert(xml, '<Advice/>')],
  [
    'other prefixes for the same names',
    (xml) =>
      xml.replace('<Conditions ', `<s:Conditions xmlns:s="${nsSaml}" `).replace('</Conditions>', '</s:Conditions>'),
  ],
];

/** A Transform for Transforms and CanonicalizationMethod. */
const transform = (uri: string, content = '') => `<ds:Transform Algorithm="${uri}">${content}</ds:Transform>`;
const inTransforms = (xml: string, what: string) => xml.replace('</ds:Transforms>', `${what}</ds:Transforms>`);
const prefixList = (count: number) =>
  `<ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${Array.from({ length: count }, (_, i) => `p${i}`).join(' ')}"/>`;
const firstTransform = (uri: string) => (xml: string) => xml.replace(`${dsig}enveloped-signature`, uri);
const withPrefixes = (count: number) => (xml: string) =>
  xml.replace(/(<ds:Transform Algorithm="[^"]*exc-c14n#")\/>/, `$1>${prefixList(count)}</ds:Transform>`);
const withMethod = (uri: string) => (xml: string) =>
  xml.replace(/(<ds:CanonicalizationMethod Algorithm=")[^"]*/, `$1${uri}`);

const transforms: readonly (readonly [string, string, (xml: string) => string, Attack['reason']])[] = [
  ['an XPath transform', 'C14N', firstTransform('http://www.w3.org/TR/1999/REC-xpath-19991116'), 'algorithm'],
  ['an XPath filter 2 transform', 'C14N', firstTransform('http://www.w3.org/2002/06/xmldsig-filter2'), 'algorithm'],
  ['an XSLT transform', 'C14N', firstTransform('http://www.w3.org/TR/1999/REC-xslt-19991116'), 'algorithm'],
  ['a base64 transform', 'C14N', firstTransform(`${dsig}base64`), 'algorithm'],
  ['a decryption transform', 'C14N', firstTransform('http://www.w3.org/2002/07/decrypt#XML'), 'algorithm'],
  ['inclusive canonical form', 'G13', withMethod('http://www.w3.org/TR/2001/REC-xml-c14n-20010315'), 'algorithm'],
  ['inclusive canonical form 1.1', 'G13', withMethod('http://www.w3.org/2006/12/xml-c14n11'), 'algorithm'],
  [
    'canonical form with comments, written over the signed name',
    'G13',
    withMethod(`${exclusive}WithComments`),
    'signature',
  ],
  [
    'an unknown canonical form: an empty result would be its digest',
    'CVE-2025-66568',
    withMethod('urn:void'),
    'algorithm',
  ],
  ['no canonical form at all', 'CVE-2025-66568', withMethod(''), 'algorithm'],
  ['a third transform', 'CVE-2021-39171', (xml) => inTransforms(xml, transform(exclusive)), 'algorithm'],
  ['a hundred transforms', 'CVE-2021-39171', (xml) => inTransforms(xml, transform(exclusive).repeat(100)), 'algorithm'],
  ['no transforms', 'C14N', (xml) => xml.replace(/<ds:Transforms>.*?<\/ds:Transforms>/s, ''), 'algorithm'],
  [
    'a transform of no namespace among the two',
    'C14N',
    (xml) => inTransforms(xml, '<Transform xmlns="urn:x" Algorithm="x"/>'),
    'algorithm',
  ],
  ['a PrefixList put into what was signed', 'The Fragile Lock', withPrefixes(1), 'signature'],
  ['a PrefixList of a thousand', 'DOS', withPrefixes(1000), 'too_large'],
];

const foreignAttribute = (name: string) => (xml: string) =>
  xml.replace('<Assertion ', `<Assertion xmlns:x="urn:x" x:${name}="_other" `);

export const canonicalization: readonly Attack[] = [
  ...names.map(([name, forge]): Attack => ({ name, rule: 'CVE-2025-66567', reason: 'malformed', forge })),
  ...namespaces.map(
    ([name, forge, reason]): Attack => ({
      name: `another namespace for ${name}`,
      rule: 'G19',
      reason,
      modes: ['assertion'],
      forge,
    }),
  ),
  ...unseen.map(([name, forge]): Attack => ({ name, rule: 'C14N', reason: 'signature', forge })),
  ...transforms.map(([name, rule, forge, reason]): Attack => ({ name, rule, reason, forge })),
  {
    // The digest of nothing is known to everybody: it fits wherever canonicalization silently fails.
    name: 'the digest of an empty text over a forged assertion',
    rule: 'CVE-2025-66568',
    reason: 'signature',
    modes: ['assertion'],
    forge: (xml) =>
      toEvil(xml, { keepIds: true }).replace(
        /(<ds:DigestValue>)[^<]*/,
        '$147DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      ),
  },
  {
    // xmlsec1 takes the first attribute of that name for the ID, in whatever namespace it is.
    name: 'an ID of another namespace on the signed assertion',
    rule: 'G19',
    reason: 'malformed',
    modes: ['assertion'],
    options: { editUnsigned: foreignAttribute('ID') },
    forge: (xml) => xml,
    twin: { options: { editUnsigned: foreignAttribute('Note') } },
  },
  {
    name: 'a PrefixList that was signed, and a prefix bound to something else around it',
    rule: 'The Fragile Lock',
    reason: 'signature',
    modes: ['assertion'],
    options: {
      inclusivePrefixes: ['xs'],
      editUnsigned: (xml) => xml.replace('<samlp:Response ', '<samlp:Response xmlns:xs="urn:first" '),
    },
    forge: (xml) => xml.replace('xmlns:xs="urn:first"', 'xmlns:xs="urn:second"'),
    twin: {
      options: {
        inclusivePrefixes: ['xs'],
        editUnsigned: (xml) => xml.replace('<samlp:Response ', '<samlp:Response xmlns:xs="urn:first" '),
      },
    },
  },
];
