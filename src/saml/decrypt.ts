// Opens an EncryptedAssertion. It is only called for a Response whose signature has been verified, so that an attacker
// cannot use it as an oracle (IIP-SP13), and every failure looks the same.
import { createDecipheriv, type KeyObject } from 'node:crypto';
import { samlRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { ns } from './names.ts';
import { type OaepDigest, oaepDecrypt } from './oaep.ts';
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
/** What may be inside OAEP: the digest of the label, and that of the mask. */
interface OaepTransport {
  readonly digest: OaepDigest;
  /** In the order in which they are tried. */
  readonly mgf: readonly OaepDigest[];
}

const signatureMore = 'http://www.w3.org/2001/04/xmldsig-more#';
const digests: Readonly<Record<string, OaepDigest>> = {
  [`${ns.signature}sha1`]: 'sha1',
  [`${signatureMore}sha224`]: 'sha224',
  [`${ns.encryption}sha256`]: 'sha256',
  [`${signatureMore}sha384`]: 'sha384',
  [`${ns.encryption}sha384`]: 'sha384',
  [`${ns.encryption}sha512`]: 'sha512',
};
const mgfDigests: Readonly<Record<string, OaepDigest>> = {
  [`${ns.encryption11}mgf1sha1`]: 'sha1',
  [`${ns.encryption11}mgf1sha224`]: 'sha224',
  [`${ns.encryption11}mgf1sha256`]: 'sha256',
  [`${ns.encryption11}mgf1sha384`]: 'sha384',
  [`${ns.encryption11}mgf1sha512`]: 'sha512',
};

/** Of a message's recipients; each costs a private-key operation. */
const maxEncryptedKeys = 4;
/** More than any identity provider encrypts for. */
const maxRecipients = 64;

/**
 * The XML that was encrypted.
 * @param recipient our entityID
 * @throws BrokerError saml_refused `algorithm` before any key is used, else `encryption`
 */
export function decryptAssertion(encrypted: XmlElement, keys: readonly KeyObject[], recipient: string): string {
  const data = onlyChild(encrypted, ns.encryption, 'EncryptedData') ?? unreadable();
  const method = methodOf(data);
  const cipher = Object.hasOwn(ciphers, method) ? ciphers[method] : undefined;
  if (!cipher) return refuse(method);
  const encryptedKeys = [...walk(encrypted)].filter((e) => e.namespace === ns.encryption && e.name === 'EncryptedKey');
  const isNested = encryptedKeys.some((each) => each.parent?.name === 'EncryptedKey');
  if (encryptedKeys.length === 0 || encryptedKeys.length > maxRecipients || isNested) return unreadable();
  const known = inOrder(encryptedKeys, recipient).flatMap((element) => {
    const transport = transportOf(element);
    return transport ? [{ transport, wrapped: cipherValue(element) }] : [];
  });
  if (known.length === 0) {
    const encryptedKey = encryptedKeys[0]!;
    const digest = parameterOf(encryptedKey, ns.signature, 'DigestMethod');
    const mgf = parameterOf(encryptedKey, ns.encryption11, 'MGF');
    return refuse([methodOf(encryptedKey), digest, mgf].filter((each) => each !== undefined).join(' '));
  }
  const sealed = cipherValue(data);
  // Which of them is for us is not always said (Recipient is a hint): the one that opens is.
  for (const { transport, wrapped } of known.slice(0, maxEncryptedKeys)) {
    for (const contentKey of keys.flatMap((key) =>
      transport.mgf.flatMap((mgfDigest) => oaepDecrypt(key, wrapped, { digest: transport.digest, mgfDigest }) ?? []),
    )) {
      const xml = open(cipher, contentKey, sealed);
      if (xml !== undefined) return xml;
    }
  }
  return unreadable();
}

/** XML Encryption §3.5.1: Recipient is a hint. Those that name us first, then those that name none. */
function inOrder(encryptedKeys: readonly XmlElement[], recipient: string): readonly XmlElement[] {
  const rank = (element: XmlElement) => [recipient, undefined].indexOf(attributeOf(element, 'Recipient'));
  const ranked = encryptedKeys.map((element) => ({ element, rank: rank(element) < 0 ? 2 : rank(element) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ element }) => element);
}

function refuse(algorithm: string): never {
  throw samlRefusal('algorithm', 'encryption algorithm not allowed', { algorithm: quoted(algorithm) });
}

function methodOf(element: XmlElement): string {
  return attributeOf(onlyChild(element, ns.encryption, 'EncryptionMethod'), 'Algorithm') ?? '';
}

function parameterOf(encryptedKey: XmlElement, namespace: string, name: string): string | undefined {
  const method = onlyChild(encryptedKey, ns.encryption, 'EncryptionMethod');
  return method && attributeOf(onlyChild(method, namespace, name), 'Algorithm');
}

// RSA 1.5 is left out: its padding is an oracle. The digest inside OAEP is SHA-1 unless stated, and harmless there.
function transportOf(encryptedKey: XmlElement): OaepTransport | undefined {
  const method = onlyChild(encryptedKey, ns.encryption, 'EncryptionMethod');
  const digest = digests[parameterOf(encryptedKey, ns.signature, 'DigestMethod') ?? `${ns.signature}sha1`];
  const named = parameterOf(encryptedKey, ns.encryption11, 'MGF');
  const mgf = mgfDigests[named ?? `${ns.encryption11}mgf1sha1`];
  // A label would have to be agreed on; no product sends one that is not empty.
  const label = method && onlyChild(method, ns.encryption, 'OAEPparams')?.text.trim();
  if (!digest || !mgf || !method || label) return undefined;
  const isNamed = named !== undefined && methodOf(encryptedKey) === `${ns.encryption11}rsa-oaep`;
  if (isNamed) return { digest, mgf: [mgf] };
  const isOaep = [`${ns.encryption11}rsa-oaep`, `${ns.encryption}rsa-oaep-mgf1p`].includes(methodOf(encryptedKey));
  // XML Encryption §5.5.2: MGF1 with SHA-1 where none is named. Libraries with one setting for both use the digest.
  return isOaep ? { digest, mgf: [...new Set([mgf, 'sha1' as const, digest])] } : undefined;
}

function cipherValue(element: XmlElement): Buffer {
  const data = onlyChild(element, ns.encryption, 'CipherData');
  const value = data && childrenOf(data, ns.encryption, 'CipherValue')[0];
  return value ? Buffer.from(value.text.replace(/\s+/g, ''), 'base64') : unreadable();
}

function open({ name, keyBytes }: Cipher, key: Buffer, sealed: Buffer): string | undefined {
  if (key.length !== keyBytes) return undefined;
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
