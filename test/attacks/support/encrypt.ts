// XML Encryption with every part open to an attacker's choice; the emulator's own encryption is the well-behaved one.
import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { nsSaml } from '../../saml/support/response-builder.ts';
import type { KeyPair } from '../../support/key-pairs.ts';

const xenc = 'http://www.w3.org/2001/04/xmlenc#';
const xenc11 = 'http://www.w3.org/2009/xmlenc11#';
const dsig = 'http://www.w3.org/2000/09/xmldsig#';

const blockAlgorithms = {
  'aes-128-gcm': `${xenc11}aes128-gcm`,
  'aes-256-gcm': `${xenc11}aes256-gcm`,
  'aes-128-cbc': `${xenc}aes128-cbc`,
  'aes-256-cbc': `${xenc}aes256-cbc`,
  'aes-192-cbc': `${xenc}aes192-cbc`,
  'des-ede3-cbc': `${xenc}tripledes-cbc`,
} as const;
type Block = keyof typeof blockAlgorithms;

const keyBytes: Readonly<Record<Block, number>> = {
  'aes-128-gcm': 16,
  'aes-256-gcm': 32,
  'aes-128-cbc': 16,
  'aes-256-cbc': 32,
  'aes-192-cbc': 24,
  'des-ede3-cbc': 24,
};

const transports = {
  oaep: { uri: `${xenc}rsa-oaep-mgf1p`, padding: constants.RSA_PKCS1_OAEP_PADDING },
  oaep11: { uri: `${xenc11}rsa-oaep`, padding: constants.RSA_PKCS1_OAEP_PADDING },
  pkcs15: { uri: `${xenc}rsa-1_5`, padding: constants.RSA_PKCS1_PADDING },
} as const;

const digests = {
  sha1: `${dsig}sha1`,
  sha224: 'http://www.w3.org/2001/04/xmldsig-more#sha224',
  sha256: `${xenc}sha256`,
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: `${xenc}sha512`,
} as const;

export interface EncryptOptions {
  readonly block?: Block;
  readonly transport?: keyof typeof transports;
  readonly oaepHash?: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  /** What the EncryptionMethod says, where it is to differ from what was done. */
  readonly declaredBlock?: string;
  /** Bytes of the content key that is wrapped; those of the algorithm by default. */
  readonly wrappedBytes?: number;
  /** Damage the octets before they are encoded. */
  readonly editCiphertext?: (octets: Buffer) => Buffer;
  readonly editWrapped?: (octets: Buffer) => Buffer;
  /** Change the whole EncryptedAssertion. */
  readonly edit?: (xml: string) => string;
}

/** The plain text, encrypted for the holder of the key, as an EncryptedAssertion. */
export function encrypt(plain: string, recipient: KeyPair, options: EncryptOptions = {}): string {
  const block = options.block ?? 'aes-256-gcm';
  const { uri, padding } = transports[options.transport ?? 'oaep'];
  const contentKey = randomBytes(keyBytes[block]);
  const shown = options.wrappedBytes === undefined ? contentKey : randomBytes(options.wrappedBytes);
  const publicKey = new X509Certificate(recipient.cert).publicKey;
  const oaep = padding === constants.RSA_PKCS1_OAEP_PADDING ? { oaepHash: options.oaepHash ?? 'sha1' } : {};
  const wrapped = publicEncrypt({ key: publicKey, padding, ...oaep }, shown);
  const sealed = seal(block, contentKey, Buffer.from(plain, 'utf8'));
  const digest = digests[options.oaepHash ?? 'sha1'];
  const value = (octets: Buffer) => `<xenc:CipherValue>${octets.toString('base64')}</xenc:CipherValue>`;
  const xml =
    `<EncryptedAssertion xmlns="${nsSaml}"><xenc:EncryptedData xmlns:xenc="${xenc}" Type="${xenc}Element">` +
    `<xenc:EncryptionMethod Algorithm="${options.declaredBlock ?? blockAlgorithms[block]}"/>` +
    `<KeyInfo xmlns="${dsig}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${uri}">` +
    `<DigestMethod Algorithm="${digest}"/></xenc:EncryptionMethod><xenc:CipherData>` +
    `${value(options.editWrapped?.(wrapped) ?? wrapped)}</xenc:CipherData></xenc:EncryptedKey></KeyInfo><xenc:CipherData>` +
    `${value(options.editCiphertext?.(sealed) ?? sealed)}</xenc:CipherData></xenc:EncryptedData></EncryptedAssertion>`;
  return options.edit?.(xml) ?? xml;
}

function seal(block: Block, key: Buffer, plain: Buffer): Buffer {
  if (block === 'aes-128-gcm' || block === 'aes-256-gcm') {
    const iv = randomBytes(12);
    const cipher = createCipheriv(block, key, iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  const blockBytes = block === 'des-ede3-cbc' ? 8 : 16;
  const iv = randomBytes(blockBytes);
  const cipher = createCipheriv(block, key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
}
