// Encrypted assertions: only in a signed Response, with listed algorithms, and one answer for every failure.
import { confirmation, nsSaml } from '../../saml/support/response-builder.ts';
import { signElement } from '../../saml/support/sign-element.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import type { Attack, Loot } from '../support/attack.ts';
import { type EncryptOptions, encrypt } from '../support/encrypt.ts';
import { takeApart, toEvil } from '../support/evil.ts';
import { answerXml } from '../support/login.ts';

const newest = ({ target }: Loot) => target.decryption[0];

/** The Assertion encrypted like this, in a Response that is signed around it. */
const sealed =
  (options: EncryptOptions = {}, recipient: (loot: Loot) => KeyPair = newest, plain = (xml: string, _: Loot) => xml) =>
  (loot: Loot) => ({ seal: (xml: string) => encrypt(plain(xml, loot), recipient(loot), options) });

const flip = (from: number) => (octets: Buffer) => {
  const at = from < 0 ? octets.length + from : from;
  return Buffer.concat([octets.subarray(0, at), Buffer.from([octets[at]! ^ 1]), octets.subarray(at + 1)]);
};
const cut = (bytes: number) => (octets: Buffer) => octets.subarray(0, octets.length - bytes);

const algorithms: readonly (readonly [string, EncryptOptions])[] = [
  ['RSA 1.5', { transport: 'pkcs15' }],
  ['triple DES', { block: 'des-ede3-cbc' }],
  ['AES-192 in CBC', { block: 'aes-192-cbc' }],
  ['RSA 1.5 and triple DES, as old toolkits have it', { transport: 'pkcs15', block: 'des-ede3-cbc' }],
  [
    'OAEP with a label',
    {
      edit: (xml) =>
        xml.replace(
          '<DigestMethod',
          '<OAEPparams xmlns="http://www.w3.org/2001/04/xmlenc#">eA==</OAEPparams><DigestMethod',
        ),
    },
  ],
  ['OAEP with MD5', { edit: (xml) => xml.replace('xmldsig#sha1', 'xmldsig-more#md5') }],
  ['a block algorithm nobody knows', { declaredBlock: 'urn:none' }],
  ['no block algorithm', { edit: (xml) => xml.replace(/<xenc:EncryptionMethod [^>]*\/>/, '') }],
  ['a block algorithm of Object.prototype', { declaredBlock: 'constructor' }],
];

/** The encrypting party can write any plaintext; every failure has one reason. */
const unreadable: readonly (readonly [string, EncryptOptions])[] = [
  ['GCM with a changed IV', { editCiphertext: flip(0) }],
  ['GCM with a changed first byte', { editCiphertext: flip(12) }],
  ['GCM with a changed tag', { editCiphertext: flip(-1) }],
  ['GCM without its tag', { editCiphertext: cut(16) }],
  ['GCM with half a tag', { editCiphertext: cut(8) }],
  ['GCM of nothing', { editCiphertext: () => Buffer.alloc(0) }],
  ['GCM shorter than IV and tag', { editCiphertext: (octets) => octets.subarray(0, 20) }],
  ['CBC declared as GCM', { block: 'aes-256-cbc', declaredBlock: 'http://www.w3.org/2009/xmlenc11#aes256-gcm' }],
  ['CBC that is no multiple of a block', { block: 'aes-256-cbc', editCiphertext: cut(1) }],
  ['CBC of an IV alone', { block: 'aes-256-cbc', editCiphertext: (octets) => octets.subarray(0, 16) }],
  ['CBC of nothing', { block: 'aes-256-cbc', editCiphertext: () => Buffer.alloc(0) }],
  ['a wrapped key that was changed', { editWrapped: flip(100) }],
  ['a wrapped key that was cut', { editWrapped: cut(1) }],
  ['no wrapped key', { editWrapped: () => Buffer.alloc(0) }],
  ['a content key of the wrong length', { wrappedBytes: 16 }],
  ['another content key', { wrappedBytes: 32 }],
  ['no EncryptedKey', { edit: (xml) => xml.replace(/<KeyInfo .*?<\/KeyInfo>/s, '') }],
  [
    'a hundred EncryptedKeys',
    { edit: (xml) => xml.replace(/<xenc:EncryptedKey>.*?<\/xenc:EncryptedKey>/s, (key) => key.repeat(100)) },
  ],
  [
    'an EncryptedKey inside the other',
    { edit: (xml) => xml.replace('<xenc:EncryptedKey>', '<xenc:EncryptedKey><xenc:EncryptedKey/>') },
  ],
  [
    'no CipherData',
    { edit: (xml) => xml.replace(/<xenc:CipherData>(?!.*<xenc:CipherData>).*?<\/xenc:CipherData>/s, '') },
  ],
  [
    'a reference in place of the cipher text',
    {
      edit: (xml) =>
        xml.replace(
          /<\/KeyInfo><xenc:CipherData>.*?<\/xenc:CipherData>/s,
          '</KeyInfo><xenc:CipherData><xenc:CipherReference URI="http://169.254.169.254/"/></xenc:CipherData>',
        ),
    },
  ],
  ['no EncryptedData', { edit: () => `<EncryptedAssertion xmlns="${nsSaml}"/>` }],
];

/** What comes out is judged like what came in the open. */
const plaintexts: readonly (readonly [string, (xml: string, loot: Loot) => string, Attack['reason']])[] = [
  ['of an unsigned assertion', (xml) => toEvil(xml.replace(/<ds:Signature .*?<\/ds:Signature>/s, '')), 'signature'],
  ['of an assertion that was changed', (xml) => toEvil(xml, { keepIds: true }), 'signature'],
  ['with a comment', (xml) => xml.replace('alice@', 'al<!-- -->ice@'), 'malformed'],
  ['with a DOCTYPE', (xml) => `<!DOCTYPE Assertion>${xml}`, 'malformed'],
  ['with a processing instruction', (xml) => xml.replace('alice@', 'al<?x?>ice@'), 'malformed'],
  ['of two assertions', (xml) => xml + toEvil(xml), 'malformed'],
  [
    'of an assertion in an assertion',
    (xml) => xml.replace('<Conditions', `<Advice>${toEvil(xml)}</Advice><Conditions`),
    'malformed',
  ],
  ['of a Response', (_, { xml }) => xml, 'malformed'],
  ['of an EncryptedAssertion again', (xml, loot) => encrypt(xml, newest(loot)), 'malformed'],
  ['of text', () => 'alice@corp.example', 'malformed'],
  ['of nothing', () => '', ['malformed', 'encryption']],
  ['in UTF-16', (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}`, 'malformed'],
  ['of nested elements without end', () => '<a>'.repeat(5000), 'too_large'],
  [
    'of a signed assertion for another party',
    (_, { target, login }) => {
      const parts = { confirmations: confirmation({ Recipient: 'https://other.example.com/acs' }) };
      return takeApart(answerXml(target, login, 'assertion', parts)).assertion;
    },
    'recipient',
  ],
];

const twin: Pick<Attack, 'options'> = { options: sealed() };

export const encryption: readonly Attack[] = [
  ...algorithms.map(
    ([name, options]): Attack => ({
      name,
      rule: 'G18',
      reason: 'algorithm',
      modes: ['both'],
      options: sealed(options),
      twin,
    }),
  ),
  ...unreadable.map(
    ([name, options]): Attack => ({
      name,
      rule: 'ENC',
      reason: 'encryption',
      modes: ['both'],
      options: sealed(options),
      twin,
    }),
  ),
  ...plaintexts.map(
    ([name, plain, reason]): Attack => ({
      name: `a cipher text ${name}`,
      rule: 'CVE-2024-9487',
      reason,
      modes: ['both'],
      options: sealed({}, newest, plain),
      twin,
    }),
  ),
  ...(['aes-128-gcm', 'aes-256-gcm', 'aes-128-cbc', 'aes-256-cbc'] as const).map(
    (block): Attack => ({
      name: `an unknown key, by ${block}`,
      rule: 'ENC',
      reason: 'encryption',
      modes: ['both'],
      options: sealed({ block }, ({ target }) => target.stranger),
      twin: { options: sealed({ block }) },
    }),
  ),
  {
    name: 'an unknown key, beside the older configured key',
    rule: 'IIP-SP08',
    reason: 'encryption',
    modes: ['both'],
    options: sealed({}, ({ target }) => target.keys.adfs),
    twin: { options: sealed({}, ({ target }) => target.decryption[1]) },
  },
  {
    name: 'a good encrypted assertion in an unsigned Response',
    rule: 'IIP-SP13',
    reason: 'signature',
    modes: ['assertion'],
    options: sealed(),
  },
  {
    name: 'a cipher text that was changed after the Response was signed: no oracle',
    rule: 'CVE-2026-2092',
    reason: 'signature',
    modes: ['both'],
    options: sealed({ block: 'aes-256-cbc' }),
    forge: (xml) => xml.replace(/(<xenc:CipherValue>[^<]{40})(.)/g, (_, before, c) => before + (c === 'A' ? 'B' : 'A')),
    twin,
  },
  {
    name: 'a forged assertion beside the encrypted one',
    rule: 'CVE-2026-2092',
    reason: 'malformed',
    modes: ['both'],
    options: sealed(),
    forge: (xml, loot) => xml.replace('<EncryptedAssertion', `${takeApart(loot.xml).evil}<EncryptedAssertion`),
    twin,
  },
  {
    name: 'a forged encrypted assertion beside the signed one',
    rule: 'ENC',
    reason: 'malformed',
    forge: (xml, loot) =>
      xml.replace('</samlp:Response>', `${encrypt(takeApart(xml).evil, newest(loot))}</samlp:Response>`),
  },
  {
    name: 'an encrypted assertion by a stranger in a Response by a stranger',
    rule: 'ENC',
    reason: 'signature',
    modes: ['both'],
    options: (loot) => ({ ...sealed()(loot), responseKey: loot.target.stranger }),
    twin,
  },
  {
    name: 'an encrypted assertion that a stranger signed, in a Response that was put around it by the right key',
    rule: 'G6',
    reason: 'signature',
    modes: ['both'],
    options: sealed({}, newest, (xml, { target }) => {
      const response = `<r>${toEvil(takeApart(`<r>${xml}</r>`).bare, { keepIds: true })}</r>`;
      return takeApart(signElement(response, 'Assertion', target.stranger)).assertion;
    }),
    twin,
  },
  {
    name: 'an EncryptedID in place of the NameID',
    rule: 'G17',
    reason: 'encryption',
    parts: { nameId: '<EncryptedID></EncryptedID>' },
  },
  {
    name: 'an EncryptedAttribute',
    rule: 'G17',
    reason: 'encryption',
    parts: { attributes: '<AttributeStatement><EncryptedAttribute></EncryptedAttribute></AttributeStatement>' },
  },
];
