// Certificates as SAML uses them: carriers of a public key (Metadata §2.4.1.1), not links of a chain.
import { X509Certificate } from 'node:crypto';

/** The PEM form of base64 DER as it stands in ds:X509Certificate. @throws if it is no certificate */
export function pemFromBase64(base64: string): string {
  const body = base64.replace(/\s+/g, '');
  const pem = `-----BEGIN CERTIFICATE-----\n${body.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  return new X509Certificate(pem).toString();
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
  readonly endsAt: Date;
}

/** What an operator recognises a certificate by. @throws if it is no certificate */
export function certificateFacts(pem: string): CertificateFacts {
  const { fingerprint256, subject, validTo } = new X509Certificate(pem);
  return { fingerprint: fingerprint256, subject: subject.replaceAll('\n', ', '), endsAt: new Date(validTo) };
}
