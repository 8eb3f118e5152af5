// XML Encryption of one element, as AD FS does it: AES-256 content key, wrapped with RSA-OAEP-MGF1P and SHA-1.

import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { dsig, saml } from './names.ts';
import type { EncryptionAlgorithm } from './types.ts';
import { escapeXml } from './xml.ts';

const xenc = 'http://www.w3.org/2001/04/xmlenc#';

const contentAlgorithms = {
  'aes256-cbc': `${xenc}aes256-cbc`,
  'aes256-gcm': 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
} as const;

/** Wraps an Assertion's XML into an EncryptedAssertion for the holder of the certificate's key. */
export function encryptAssertion(
  assertionXml: string,
  input: { certificate: string; algorithm: EncryptionAlgorithm },
): string {
  const contentKey = randomBytes(32);
  const certificate = new X509Certificate(input.certificate);
  const wrapped = publicEncrypt(
    { key: certificate.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    contentKey,
  );
  const plain = Buffer.from(assertionXml, 'utf8');
  const content = input.algorithm === 'aes256-cbc' ? encryptCbc(plain, contentKey) : encryptGcm(plain, contentKey);
  return (
    `<EncryptedAssertion xmlns="${saml}"><xenc:EncryptedData Type="${xenc}Element" xmlns:xenc="${xenc}">` +
    `<xenc:EncryptionMethod Algorithm="${contentAlgorithms[input.algorithm]}" />` +
    `<KeyInfo xmlns="${dsig}"><e:EncryptedKey xmlns:e="${xenc}">` +
    `<e:EncryptionMethod Algorithm="${xenc}rsa-oaep-mgf1p"><DigestMethod Algorithm="${dsig}sha1" /></e:EncryptionMethod>` +
    `<KeyInfo>${issuerSerial(certificate)}</KeyInfo>` +
    `<e:CipherData><e:CipherValue>${wrapped.toString('base64')}</e:CipherValue></e:CipherData></e:EncryptedKey></KeyInfo>` +
    `<xenc:CipherData><xenc:CipherValue>${content.toString('base64')}</xenc:CipherValue></xenc:CipherData>` +
    '</xenc:EncryptedData></EncryptedAssertion>'
  );
}

function issuerSerial(certificate: X509Certificate): string {
  const issuer = certificate.issuer.split('\n').reverse().join(', ');
  return (
    `<ds:X509Data xmlns:ds="${dsig}"><ds:X509IssuerSerial><ds:X509IssuerName>${escapeXml(issuer)}</ds:X509IssuerName>` +
    `<ds:X509SerialNumber>${BigInt(`0x${certificate.serialNumber}`)}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`
  );
}

// XML Encryption 1.1 §5.2: padding bytes are arbitrary, only the last one counts; the IV precedes the text.
function encryptCbc(plain: Buffer, key: Buffer): Buffer {
  const padding = randomBytes(16 - (plain.length % 16));
  padding[padding.length - 1] = padding.length;
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(Buffer.concat([plain, padding])), cipher.final()]);
}

// XML Encryption 1.1 §5.2.4: 96-bit IV before, 128-bit tag after the text.
function encryptGcm(plain: Buffer, key: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}
