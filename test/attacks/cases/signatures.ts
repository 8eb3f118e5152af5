// Signature presence and coverage: who signed, what was signed, and that nothing unsigned counts.
import type { BuildOptions } from '../../saml/support/response-builder.ts';
import { signElement } from '../../saml/support/sign-element.ts';
import type { Attack } from '../support/attack.ts';
import { toEvil } from '../support/evil.ts';
import { answerXml } from '../support/login.ts';

const signature = /<ds:Signature .*?<\/ds:Signature>/s;
const withoutSignatures = (xml: string) => xml.replace(new RegExp(signature, 'gs'), '');
const flip = (part: string) => (xml: string) =>
  xml.replace(new RegExp(`(<ds:${part}>[^<]{8})(.)`), (_, before, c) => before + (c === 'A' ? 'B' : 'A'));

/** Damage to one part of a Signature. */
const damaged: readonly (readonly [string, string, (xml: string) => string])[] = [
  ['a changed SignatureValue', 'signature', flip('SignatureValue')],
  ['an empty SignatureValue', 'signature', (xml) => xml.replace(/(<ds:SignatureValue>)[^<]*/, '$1')],
  [
    'a SignatureValue of zeros',
    'signature',
    (xml) => xml.replace(/(<ds:SignatureValue>)[^<]*/, `$1${'A'.repeat(342)}==`),
  ],
  ['a changed DigestValue', 'signature', flip('DigestValue')],
  ['an empty DigestValue', 'signature', (xml) => xml.replace(/(<ds:DigestValue>)[^<]*/, '$1')],
  ['a truncated DigestValue', 'signature', (xml) => xml.replace(/(<ds:DigestValue>[^<]{8})[^<]*/, '$1')],
  ['a SignatureValue without its end', 'signature', (xml) => xml.replace(/(<ds:SignatureValue>[^<]{100})[^<]*/, '$1')],
];

/** A good signature, spelt in a way that lax decoders pass over. */
const spelt = (part: string, change: (value: string) => string) => (xml: string) =>
  xml.replace(new RegExp(`(<ds:${part}>)([^<]*)`), (_, tag, value) => tag + change(value));
const urlAlphabet = (value: string) => `${value.slice(0, 8)}-_${value.slice(10)}`;
const spellings: readonly (readonly [string, (xml: string) => string])[] = ['SignatureValue', 'DigestValue'].flatMap(
  (part): [string, (xml: string) => string][] => [
    [`a ${part} with text behind its padding`, spelt(part, (value) => `${value}AAAA`)],
    [`a ${part} without padding`, spelt(part, (value) => value.replace(/=+$/, ''))],
    [`a ${part} with a character of no alphabet`, spelt(part, (value) => `${value.slice(0, 8)}*${value.slice(8)}`)],
    [`a ${part} in the alphabet for URLs`, spelt(part, urlAlphabet)],
    [`a ${part} with a non-breaking space`, spelt(part, (value) => `${value.slice(0, 8)}\u00a0${value.slice(8)}`)],
  ],
);

/** SAMLStorm and its relatives: of two the verifier reads one and the digest comes from the other. */
const doubled = [
  'SignedInfo',
  'Reference',
  'DigestValue',
  'SignatureValue',
  'DigestMethod',
  'SignatureMethod',
  'Transforms',
];

const references: readonly (readonly [string, string])[] = [
  ['empty, which means the whole document', 'URI=""'],
  ['missing', ''],
  ['to another ID', 'URI="#_other"'],
  ['by XPointer id()', `URI="#xpointer(id('x'))"`],
  ['by XPointer to the root', 'URI="#xpointer(/)"'],
  ['to another document', 'URI="https://evil.example.com/x.xml"'],
  ['to a file', 'URI="file:///etc/passwd"'],
  ['with a quote for an XPath query', `URI="#x' or '1'='1"`],
  ['with two number signs', 'URI="##_x"'],
  ['without its number sign', 'URI="_x"'],
];

export const signatures: readonly Attack[] = [
  { name: 'no Signature at all', rule: 'EXCL', reason: 'signature', modes: ['none'], forge: (xml) => toEvil(xml) },
  { name: 'both Signatures taken away', rule: 'EXCL', reason: 'signature', forge: withoutSignatures },
  {
    name: 'an assertion of somebody else without Signature in a Response with none',
    rule: 'EXCL',
    reason: 'signature',
    forge: (xml) => toEvil(withoutSignatures(xml)),
  },
  {
    name: 'a Response signed only, where signed assertions are wanted',
    rule: 'EXCL',
    reason: 'signature',
    modes: ['response'],
    idp: 'strict',
    twin: { forge: (_, { target, login }) => answerXml(target, login, 'both') },
    forge: (xml) => `${xml}\n`,
  },
  {
    name: 'an assertion signed only, where signed responses are wanted',
    rule: 'IIP-SP13',
    reason: 'signature',
    modes: ['assertion'],
    idp: 'message',
    twin: { forge: (_, { target, login }) => answerXml(target, login, 'response') },
    forge: (xml) => `${xml}\n`,
  },
  {
    name: "the Response's Signature taken away, where both are wanted",
    rule: 'EXCL',
    reason: 'signature',
    modes: ['both'],
    idp: 'strict',
    forge: (xml) => xml.replace(signature, ''),
  },
  {
    name: 'the Response signed by a stranger around a good assertion',
    rule: 'G15',
    reason: 'signature',
    modes: ['both'],
    options: ({ target }) => ({ responseKey: target.stranger }) satisfies BuildOptions,
  },
  {
    name: 'the Response signed by another identity provider around a good assertion',
    rule: 'G6',
    reason: 'signature',
    modes: ['both'],
    options: ({ target }) => ({ responseKey: target.keys.message }) satisfies BuildOptions,
  },
  {
    name: 'a good assertion, with a group added to it after it was signed',
    rule: 'EXCL',
    reason: 'signature',
    forge: (xml) =>
      xml.replace('</AttributeValue>', '</AttributeValue><AttributeValue>CORP\\AWS-Admin</AttributeValue>'),
  },
  {
    name: 'a good assertion with another NameID',
    rule: 'EXCL',
    reason: 'signature',
    forge: (xml) => xml.replace('>alice@', '>admin@'),
  },
  {
    name: 'a good assertion with its Conditions taken away',
    rule: 'EXCL',
    reason: ['signature', 'audience'],
    forge: (xml) => xml.replace(/<Conditions .*<\/Conditions>/, ''),
  },
  {
    name: 'a signed Response whose Destination was changed to fit',
    rule: 'EXCL',
    reason: 'signature',
    modes: ['both'],
    parts: { response: { Destination: 'https://other.example.com/saml/acs' } },
    forge: (xml) => xml.replace('https://other.example.com/saml/acs', 'https://rolegate.example.com/saml/acs'),
  },
  {
    name: 'the Signature of another, good message on a forged assertion',
    rule: 'EXCL',
    reason: 'signature',
    modes: ['assertion'],
    forge: (xml, { target, login }) =>
      toEvil(xml, { keepIds: true }).replace(signature, signature.exec(answerXml(target, login, 'assertion'))![0]),
  },
  ...(['assertion', 'response'] as const).map(
    (mode): Attack => ({
      name: 'the Signature moved to the other element',
      rule: 'EXCL',
      reason: 'signature',
      modes: [mode],
      forge: (xml) => {
        const [found] = signature.exec(xml)!;
        const element = mode === 'assertion' ? 'samlp:Response' : 'Assertion';
        return xml.replace(found, '').replace(new RegExp(`<${element} .*?</Issuer>`), `$&${found}`);
      },
    }),
  ),
  {
    name: 'a Signature that signs only its own KeyInfo',
    rule: 'EXCL',
    reason: 'signature',
    modes: ['assertion'],
    forge: (xml) =>
      toEvil(xml)
        .replace('<ds:KeyInfo>', '<ds:KeyInfo Id="_key">')
        .replace(/URI="#[^"]+"/, 'URI="#_key"'),
  },
  {
    name: 'a second Signature by the same key in the assertion',
    rule: 'WRAP',
    reason: 'malformed',
    forge: (xml, { target, login }) => signElement(xml, 'Assertion', target.keys[login.idp]),
  },
  ...damaged.map(
    ([name, reason, forge]): Attack => ({
      name,
      rule: 'EXCL',
      reason: reason as 'signature',
      modes: ['assertion', 'both', 'response'],
      forge,
    }),
  ),
  ...spellings.map(
    ([name, forge]): Attack => ({
      name,
      rule: 'CVE-2025-29775',
      reason: 'malformed',
      forge,
      twin: { forge: spelt('SignatureValue', (value) => value.replace(/.{64}/g, '$&\n')) },
    }),
  ),
  ...doubled.map(
    (part): Attack => ({
      name: `two of ${part} in a Signature, the second of the attacker's making`,
      rule: 'CVE-2025-29774',
      reason: ['malformed', 'algorithm'],
      forge: (xml) =>
        xml.replace(new RegExp(`<ds:${part}[ >](?:.*?</ds:${part}>|[^>]*/>)`, 's'), (found) => found + toEvil(found)),
    }),
  ),
  ...references.map(
    ([name, uri]): Attack => ({
      name: `a Reference ${name}`,
      rule: 'Core §5.4.2',
      reason: 'signature',
      forge: (xml) => xml.replace(/URI="#[^"]+"/, uri),
    }),
  ),
];
