// Makes RSA key pairs with X.509 v3 certificates for tests, emulators and the demo: self-signed, CA, or CA-signed.
// Never used by the product.

import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A private key (PKCS #8) and its certificate, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** What may be set on a certificate; everything has a default that suits a SAML or TLS test. */
export interface KeyPairOptions {
  /** subjectAltNames, DNS names and IP addresses mixed. */
  readonly altNames?: readonly string[];
  readonly bits?: number;
  /** A key in PEM to certify; made when absent. */
  readonly privateKey?: string;
  /** The issuer; self-signed when absent. */
  readonly ca?: KeyPair;
  readonly isCa?: boolean;
  /** Also good for a TLS client. */
  readonly isClient?: boolean;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
// Fixed dates keep the wall clock out of here; twenty years cover every injected test clock.
const defaultNotBefore = new Date('2024-01-01T00:00:00Z');
const defaultNotAfter = new Date('2044-01-01T00:00:00Z');

/** Makes an RSA (2048 bits unless told otherwise), SHA-256 key pair; with `ca` the certificate is signed by it. */
export async function makeKeyPair(commonName: string, options: KeyPairOptions = {}): Promise<KeyPair> {
  const keys = options.privateKey ? await importKeys(options.privateKey) : await generateKeys(options.bits ?? 2048);
  const issuer = options.ca === undefined ? undefined : await importIssuer(options.ca);
  const subject = new x509.Name([{ CN: [commonName] }]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: subject.toString(),
    issuer: issuer?.certificate.subject ?? subject.toString(),
    notBefore: options.notBefore ?? defaultNotBefore,
    notAfter: options.notAfter ?? defaultNotAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    extensions: await makeExtensions(keys.publicKey, issuer?.certificate.publicKey, options),
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { key: key.toString(), cert: `${certificate.toString('pem')}\n` };
}

function generateKeys(bits: number): Promise<CryptoKeyPair> {
  const parameters = { ...algorithm, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) };
  return crypto.subtle.generateKey(parameters, true, ['sign', 'verify']);
}

async function importKeys(pem: string): Promise<CryptoKeyPair> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  ]);
  return { privateKey, publicKey };
}

async function importIssuer(ca: KeyPair): Promise<{ certificate: x509.X509Certificate; key: CryptoKey }> {
  const pkcs8 = createPrivateKey(ca.key).export({ type: 'pkcs8', format: 'der' });
  return {
    certificate: new x509.X509Certificate(ca.cert),
    key: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
  };
}

/** RFC 5280 §4.1.2.2: positive and at most 20 octets; the leading 01 keeps the sign bit clear. */
function makeSerialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

// RFC 5280 §4.2.1.1–2: strict verifiers (Python 3.13 among them) want both key identifiers on CA-signed certificates.
async function makeExtensions(
  publicKey: CryptoKey,
  issuerKey: x509.PublicKey | undefined,
  options: KeyPairOptions,
): Promise<x509.Extension[]> {
  const usages = options.isCa
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
    : x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(options.isCa ?? false, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey ?? publicKey),
  ];
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const purposes = options.isClient ? [serverAuth, clientAuth] : [serverAuth];
  if (!options.isCa) extensions.push(new x509.ExtendedKeyUsageExtension(purposes));
  if (options.altNames !== undefined && options.altNames.length > 0) {
    const names = options.altNames.map((value) => ({
      type: isIP(value) > 0 ? ('ip' as const) : ('dns' as const),
      value,
    }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  return extensions;
}
