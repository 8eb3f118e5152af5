// Certificates as SAML uses them: carriers of a public key (Metadata §2.4.1.1), not links of a chain.
import { createPublicKey, X509Certificate } from 'node:crypto';

/**
 * The PEM form of a ds:X509Certificate. The schema asks for base64 DER; several products write PEM there.
 * @throws Error that says what else it is
 */
export function pemFromBase64(text: string): string {
  const body = withoutPemLines(text).replace(/\s+/g, '');
  const der = Buffer.from(body, 'base64');
  if (der.toString('base64').replace(/=+$/, '') !== body.replace(/={1,2}$/, '')) throw new Error('it is not base64');
  if (der.subarray(0, 11).toString('latin1') === '-----BEGIN ') return pemFromBase64(der.toString('latin1'));
  const certificate = parse(der);
  if (certificate.raw.length !== der.length) throw new Error('something follows the certificate in one element');
  return certificate.toString();
}

function withoutPemLines(text: string): string {
  const begins = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)];
  const [first, second] = begins;
  if (second) throw new Error(`${begins.length} PEM blocks in one element`);
  if (first && !/^(?:X509 )?CERTIFICATE$/.test(first[1]!)) throw new Error(`it is a PEM ${first[1]}`);
  const body = first ? text.slice(first.index + first[0].length) : text;
  return body.replace(/-----END (?:X509 )?CERTIFICATE-----\s*$/, '');
}

function parse(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new Error(isPublicKey(der) ? 'it is a public key, not a certificate' : 'it is not X.509', { cause });
  }
}

function isPublicKey(der: Buffer): boolean {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).type === 'public';
  } catch {
    return false;
  }
}

/** Base64 DER for ds:X509Certificate. */
export function base64FromPem(pem: string): string {
  return new X509Certificate(pem).raw.toString('base64');
}

/** Why the key in this certificate is too weak to be trusted, or undefined. */
export function weakness(pem: string): string | undefined {
  const key = new X509Certificate(pem).publicKey;
  if (key.asymmetricKeyType !== 'rsa') return `its key type is ${key.asymmetricKeyType}, not rsa`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < 2048 ? `its RSA key has ${bits} bits, at least 2048 are needed` : undefined;
}

export interface CertificateFacts {
  /** SHA-256 of the DER, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The facts by which an operator recognises a certificate. @throws if it is not a certificate */
export function certificateFacts(pem: string): CertificateFacts {
  const { fingerprint256, subject, validFrom, validTo } = new X509Certificate(pem);
  const dates = { startsAt: new Date(validFrom), endsAt: new Date(validTo) };
  return { fingerprint: fingerprint256, subject: subject.replaceAll('\n', ', '), ...dates };
}
