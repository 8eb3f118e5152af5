// Algorithms and keys: an allow-list, and keys that come from the configuration of one identity provider only.
import type { BuildOptions } from '../../saml/support/response-builder.ts';
import { enveloped, exclusiveC14n } from '../../saml/support/sign-element.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import type { Attack, Loot } from '../support/attack.ts';
import { toEvil } from '../support/evil.ts';
import { answerXml } from '../support/login.ts';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const allowed = `${more}rsa-sha256`;

/** Really signed like this, and refused all the same. */
const signed: readonly (readonly [string, string, BuildOptions])[] = [
  ['rsa-sha1', 'G13', { signatureAlgorithm: `${dsig}rsa-sha1` }],
  ['rsa-sha1 with a sha1 digest', 'G13', { signatureAlgorithm: `${dsig}rsa-sha1`, digestAlgorithm: `${dsig}sha1` }],
  ['a sha1 digest', 'G13', { digestAlgorithm: `${dsig}sha1` }],
  [
    'HMAC with the certificate as its secret',
    'GHSA-c27r-x354-4m68',
    { hmac: true, signatureAlgorithm: `${dsig}hmac-sha1` },
  ],
  ['canonicalization before the enveloped transform', 'Core §5.4.4', { transforms: [exclusiveC14n, enveloped] }],
  ['the enveloped transform only', 'Core §5.4.4', { transforms: [enveloped] }],
];

/** Nothing here signs like this: the name is changed afterwards, and refused as a name. */
const declared: readonly (readonly [string, string])[] = [
  ['rsa-md5', `${more}rsa-md5`],
  ['rsa-ripemd160', `${more}rsa-ripemd160`],
  ['rsa-sha224', `${more}rsa-sha224`],
  ['rsa-sha384, which nobody verifies here', `${more}rsa-sha384`],
  ['hmac-sha256', `${more}hmac-sha256`],
  ['dsa-sha1', `${dsig}dsa-sha1`],
  ['ecdsa-sha256', `${more}ecdsa-sha256`],
  ['a name that only ends like an allowed one', 'urn:evil#rsa-sha256'],
  ['a name that only begins like an allowed one', `${allowed}-evil`],
  ['a name in another case', allowed.toUpperCase()],
  ['a name with white space', ` ${allowed} `],
  ['no name', ''],
  ['a name of Object.prototype', 'constructor'],
  ['the name __proto__', '__proto__'],
];

const digests: readonly (readonly [string, string])[] = [
  ['md5', `${more}md5`],
  ['sha384', `${more}sha384`],
  ['none', ''],
  ['toString', 'toString'],
];

const certificateOf = ({ cert }: { cert: string }) => cert.replace(/-----[A-Z ]+-----|\s/g, '');
const keyInfo = /<ds:KeyInfo>.*?<\/ds:KeyInfo>/gs;
const withKeyInfo = (xml: string, content: string) => xml.replace(keyInfo, `<ds:KeyInfo>${content}</ds:KeyInfo>`);

type Edit = (xml: string, loot: Loot) => string;

/** A whole message that names another user, signed throughout by a key that is not this identity provider's. */
const by =
  (pick: (loot: Loot) => KeyPair, edit: Edit = (xml) => xml): Edit =>
  (_good, loot) => {
    const { target, login, mode } = loot;
    const keys = { ...target.keys, [login.idp]: pick(loot) };
    const nameId = '<NameID>admin@corp.example</NameID>';
    return edit(answerXml({ ...target, keys }, login, mode, { nameId }), loot);
  };

const stranger = ({ target }: Loot) => target.stranger;

const keys: readonly Attack[] = [
  { name: 'the key of a stranger, whose certificate KeyInfo brings', rule: 'CVE-2024-32962', forge: by(stranger) },
  {
    name: "the key of a stranger, with the identity provider's certificate in KeyInfo",
    rule: 'KEY',
    forge: by(stranger, (xml, { target, login }) =>
      withKeyInfo(
        xml,
        `<ds:X509Data><ds:X509Certificate>${certificateOf(target.keys[login.idp])}</ds:X509Certificate></ds:X509Data>`,
      ),
    ),
  },
  {
    name: 'the key of a stranger, as KeyValue',
    rule: 'CVE-2021-21239',
    forge: by(stranger, (xml) =>
      withKeyInfo(
        xml,
        '<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>',
      ),
    ),
  },
  {
    name: 'the key of a stranger, to be fetched',
    rule: 'CVE-2023-36661',
    forge: by(stranger, (xml) => withKeyInfo(xml, '<ds:RetrievalMethod URI="https://evil.example.com/key"/>')),
  },
  {
    name: 'the key of a stranger, without KeyInfo',
    rule: 'KEY',
    forge: by(stranger, (xml) => xml.replace(keyInfo, '')),
  },
  { name: 'the key of another identity provider here', rule: 'G6', forge: by(({ target }) => target.keys.portal) },
  { name: 'the key that opens encrypted assertions', rule: 'KEY', forge: by(({ target }) => target.decryption[0]) },
].map((row) => ({ ...row, reason: 'signature', modes: ['assertion', 'both', 'response'] }) satisfies Attack);

export const algorithms: readonly Attack[] = [
  ...signed.map(
    ([name, rule, options]): Attack => ({
      name,
      rule,
      reason: 'algorithm',
      modes: ['assertion', 'both', 'response'],
      options,
    }),
  ),
  ...declared.map(
    ([name, uri]): Attack => ({
      name: `the signature algorithm ${name}`,
      rule: 'IIP-ALG08',
      reason: 'algorithm',
      forge: (xml) => xml.replaceAll(`Algorithm="${allowed}"`, `Algorithm="${uri}"`),
    }),
  ),
  ...digests.map(
    ([name, uri]): Attack => ({
      name: `the digest algorithm ${name}`,
      rule: 'IIP-ALG08',
      reason: 'algorithm',
      forge: (xml) => xml.replace(/(<ds:DigestMethod Algorithm=")[^"]*/g, `$1${uri}`),
    }),
  ),
  {
    name: 'rsa-sha512 declared over a signature by rsa-sha256',
    rule: 'KEY',
    reason: 'signature',
    forge: (xml) => xml.replaceAll(allowed, `${more}rsa-sha512`),
    twin: {
      options: { signatureAlgorithm: `${more}rsa-sha512`, digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512' },
    },
  },
  {
    name: 'RSASSA-PSS declared over a signature by PKCS #1 1.5',
    rule: 'KEY',
    reason: 'signature',
    forge: (xml) => xml.replaceAll(allowed, 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'),
    twin: { options: { signatureAlgorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' } },
  },
  {
    name: 'an HMACOutputLength of nothing',
    rule: 'CVE-2009-0217',
    reason: 'algorithm',
    forge: (xml) =>
      xml.replaceAll(
        /(<ds:SignatureMethod [^>]*)\/>/g,
        '$1><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>',
      ),
  },
  ...keys,
  {
    name: 'a changed assertion beside a KeyInfo that may be left out',
    rule: 'KEY',
    reason: 'signature',
    modes: ['assertion'],
    forge: (xml) => toEvil(xml, { keepIds: true }).replace(keyInfo, ''),
    twin: { forge: (xml) => xml.replace(keyInfo, '') },
  },
];
