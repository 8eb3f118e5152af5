// A second certificate for a key that has one already: the case in which comparing certificates says nothing.
import type { KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export async function certifyAgain(privateKey: KeyObject, commonName: string): Promise<string> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const jwk = privateKey.export({ format: 'jwk' });
  const { n, e, kty } = jwk as { n: string; e: string; kty: string };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '02',
    name: `CN=${commonName}`,
    notBefore: new Date('2024-01-01T00:00:00Z'),
    notAfter: new Date('2044-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await crypto.subtle.importKey('jwk', { ...jwk, kty }, algorithm, true, ['sign']),
      publicKey: await crypto.subtle.importKey('jwk', { n, e, kty }, algorithm, true, ['verify']),
    },
  });
  return `${certificate.toString('pem')}\n`;
}
