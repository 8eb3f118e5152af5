// The port through which the broker signs, and its implementation with a key from a file. The other one is aws/kms-signer.ts.
import { createPublicKey, type KeyObject, sign } from 'node:crypto';

export interface Signer {
  readonly algorithm: SigningAlgorithm;
  readonly publicKey: KeyObject;
  /** Where it is asked, if that is not the usual place. */
  readonly endpoint?: string | undefined;
  /** A key from a file signs at once. @throws BrokerError signing_unavailable or signing_refused */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Whether the private key belongs to `publicKey`. @throws BrokerError signing_unavailable or signing_refused */
  check(): Promise<void>;
}

/** RFC 8032, and RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). */
export type SigningAlgorithm = 'Ed25519' | 'RS256';

/** @param privateKey Ed25519 or RSA */
export function createFileSigner(privateKey: KeyObject): Signer {
  const algorithm = algorithmOf(privateKey);
  if (!algorithm) throw new TypeError(`${privateKey.asymmetricKeyType} is neither Ed25519 nor RSA`);
  return {
    algorithm,
    publicKey: createPublicKey(privateKey),
    sign: (bytes) => sign(digestOf(algorithm), bytes, privateKey),
    // The configuration compares the files when it reads them.
    check: () => Promise.resolve(),
  };
}

/** Undefined for a key that the broker does not sign with. */
export function algorithmOf({ asymmetricKeyType }: KeyObject): SigningAlgorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'Ed25519';
  return asymmetricKeyType === 'rsa' ? 'RS256' : undefined;
}

export function digestOf(algorithm: SigningAlgorithm): string | null {
  return algorithm === 'Ed25519' ? null : 'sha256';
}
