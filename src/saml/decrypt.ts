// Opens an EncryptedAssertion. It is only called for a Response whose signature has been verified: nobody else may
// try ciphertexts on us (IIP-SP13), and every failure looks the same.
import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { samlRefusal } from '../errors.ts';
import { ns } from './names.ts';
import { attributeOf, childrenOf, onlyChild, walk, type XmlElement } from './xml/xml-tree.ts';

interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc';
  readonly keyBytes: number;
}

/** Block algorithms (XML Encryption §5.2); GCM is what to ask an IdP for, CBC is what AD FS has. */
const ciphers: Readonly<Record<string, Cipher>> = {
  [`${ns.encryption11}aes128-gcm`]: { name: 'aes-128-gcm', keyBytes: 16 },
  [`${ns.encryption11}aes256-gcm`]: { name: 'aes-256-gcm', keyBytes: 32 },
  [`${ns.encryption}aes128-cbc`]: { name: 'aes-128-cbc', keyBytes: 16 },
  [`${ns.encryption}aes256-cbc`]: { name: 'aes-256-cbc', keyBytes: 32 },
};
const oaep = `${ns.encryption}rsa-oaep-mgf1p`;
const sha1 = `${ns.signature}sha1`;

/** The XML that was encrypted. @throws BrokerError saml_refused `algorithm` before any key is used, else `encryption` */
export function decryptAssertion(encrypted: XmlElement, keys: readonly KeyObject[]): string {
  const data = onlyChild(encrypted, ns.encryption, 'EncryptedData') ?? unreadable();
  const method = methodOf(data);
  const cipher = Object.hasOwn(ciphers, method) ? ciphers[method] : undefined;
  const encryptedKeys = [...walk(encrypted)].filter((e) => e.namespace === ns.encryption && e.name === 'EncryptedKey');
  const [encryptedKey] = encryptedKeys;
  if (!encryptedKey || encryptedKeys.length > 1) return unreadable();
  if (!cipher || !isAllowedTransport(encryptedKey)) throw samlRefusal('algorithm', 'encryption algorithm not allowed');
  const [wrapped, sealed] = [cipherValue(encryptedKey), cipherValue(data)];
  for (const key of keys) {
    const xml = open(cipher, unwrap(wrapped, key), sealed);
    if (xml !== undefined) return xml;
  }
  return unreadable();
}

function methodOf(element: XmlElement): string {
  return attributeOf(onlyChild(element, ns.encryption, 'EncryptionMethod'), 'Algorithm') ?? '';
}

// RSA 1.5 is left out: its padding is an oracle. The digest inside OAEP is SHA-1 unless stated, and harmless there.
function isAllowedTransport(encryptedKey: XmlElement): boolean {
  const method = onlyChild(encryptedKey, ns.encryption, 'EncryptionMethod');
  const digest = method && attributeOf(onlyChild(method, ns.signature, 'DigestMethod'), 'Algorithm');
  return methodOf(encryptedKey) === oaep && (digest === undefined || digest === sha1);
}

function cipherValue(element: XmlElement): Buffer {
  const data = onlyChild(element, ns.encryption, 'CipherData');
  const value = data && childrenOf(data, ns.encryption, 'CipherValue')[0];
  return value ? Buffer.from(value.text.replace(/\s+/g, ''), 'base64') : unreadable();
}

function unwrap(wrapped: Buffer, key: KeyObject): Buffer | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, wrapped);
  } catch {
    return undefined;
  }
}

function open({ name, keyBytes }: Cipher, key: Buffer | undefined, sealed: Buffer): string | undefined {
  if (key?.length !== keyBytes) return undefined;
  try {
    const plain =
      name === 'aes-128-gcm' || name === 'aes-256-gcm' ? openGcm(name, key, sealed) : openCbc(name, key, sealed);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}

// XML Encryption 1.1 §5.2.4: 96 bits of IV, the ciphertext, 128 bits of tag.
function openGcm(name: 'aes-128-gcm' | 'aes-256-gcm', key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

// XML Encryption §5.2: only the last byte of the padding has a meaning, so the padding of OpenSSL cannot be used.
function openCbc(name: 'aes-128-cbc' | 'aes-256-cbc', key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, sealed.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > 16) throw new RangeError('padding');
  return padded.subarray(0, padded.length - padding);
}

function unreadable(): never {
  throw samlRefusal('encryption', 'the assertion could not be decrypted');
}
