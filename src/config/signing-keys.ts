// Private keys that sign: from files, or in AWS KMS.
import { type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { createKmsSigner } from '../aws/kms-signer.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import { createFileSigner, type Signer } from '../signer.ts';
import type { kmsKey, SigningPairSection } from './fields.ts';
import { readCertificate } from './identity-provider.ts';
import { type LoadContext, loadKeyPair } from './keys.ts';

/** What signs SAML messages, and the certificate that others know it by. */
export interface SigningPair {
  readonly signer: Signer;
  /** PEM */
  readonly certificate: string;
  /** Absolute. No key where it is in AWS KMS. */
  readonly files: { readonly key: string | undefined; readonly cert: string };
}

/** What a signature in AWS KMS needs of the section `aws`. */
export interface KmsDefaults {
  readonly region: string;
  readonly fips: boolean;
}

/** Undefined after adding to the problems. Asks no KMS: whether its key fits the certificate is checked at the start. */
export function loadSigningPair(
  { key, kms, cert }: SigningPairSection,
  path: string,
  context: LoadContext,
  defaults: KmsDefaults,
): SigningPair | undefined {
  if (key !== undefined) {
    const pair = loadKeyPair({ key, cert }, path, context);
    // Another kind of key is among the problems already.
    const isRsa = pair?.privateKey.asymmetricKeyType === 'rsa';
    return pair && isRsa ? { ...pair, signer: createFileSigner(pair.privateKey) } : undefined;
  }
  const certificate = readCertificate(cert, `${path}.cert`, context);
  if (!kms || certificate === undefined) return undefined;
  const { publicKey } = new X509Certificate(certificate);
  return {
    signer: kmsSigner(kms, publicKey, defaults),
    certificate,
    files: { key: undefined, cert: resolve(context.directory, cert) },
  };
}

export function kmsSigner(
  { keyId, region, endpoint }: z.output<typeof kmsKey>,
  publicKey: KeyObject,
  { region: defaultRegion, fips }: KmsDefaults,
): Signer {
  const key = { keyId, region: region ?? defaultRegion, endpoint, fips };
  return createKmsSigner(key, publicKey, createOwnIdentity(defaultRegion));
}
