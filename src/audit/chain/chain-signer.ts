// Signs the head of a chain, with a key from a file; and checks such signatures.
import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import type { ChainHead, SignaturePolicy } from './chain-events.ts';

/** What signs: a key from a file, or a key in a KMS. */
export interface ChainSigner {
  readonly algorithm: ChainAlgorithm;
  /** Names the public key: `keyIdOf`. */
  readonly keyId: string;
  /** @throws Error if the signer cannot be reached; the next signature then covers these records */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** RFC 8032, and RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). */
type ChainAlgorithm = 'Ed25519' | 'RS256';

/** @param privateKey Ed25519 or RSA */
export function createFileSigner(privateKey: KeyObject): ChainSigner {
  const algorithm = algorithmOf(privateKey);
  if (!algorithm) throw new TypeError(`${privateKey.asymmetricKeyType} is neither Ed25519 nor RSA`);
  return {
    algorithm,
    keyId: keyIdOf(createPublicKey(privateKey)),
    sign: async (bytes) => sign(digestOf(algorithm), bytes, privateKey),
  };
}

/** Undefined for a key that cannot sign chains. */
function algorithmOf({ asymmetricKeyType }: KeyObject): ChainAlgorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'Ed25519';
  return asymmetricKeyType === 'rsa' ? 'RS256' : undefined;
}

/** SHA-256 of the SubjectPublicKeyInfo, in base64url. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64url');
}

/**
 * The context keeps a signature of this key over anything else from being one of a chain. When the next one is due is signed
 * too: otherwise an attacker puts it off for ever, and writes on without the key.
 */
export function signedBytes(chain: string, { audit, hash }: ChainHead, due: SignaturePolicy): Buffer {
  const { everyRecords, everySeconds } = due;
  return Buffer.from(JSON.stringify(['rolegate audit chain v1', chain, audit, hash, everyRecords, everySeconds]));
}

/** The key decides the algorithm: a record that names another one is not valid. */
export function isChainSignature(
  { algorithm, signature }: { readonly algorithm: string; readonly signature: string },
  bytes: Buffer,
  publicKey: KeyObject,
): boolean {
  const expected = algorithmOf(publicKey);
  if (!expected || expected !== algorithm) return false;
  return verify(digestOf(expected), bytes, publicKey, Buffer.from(signature, 'base64url'));
}

function digestOf(algorithm: ChainAlgorithm): string | null {
  return algorithm === 'Ed25519' ? null : 'sha256';
}
