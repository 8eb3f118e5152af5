// What a signature of a chain's head covers, and how it is checked.
import { hash, type KeyObject, verify } from 'node:crypto';
import { algorithmOf, digestOf } from '../../signer.ts';
import type { ChainHead, SignaturePolicy } from './chain-events.ts';

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
