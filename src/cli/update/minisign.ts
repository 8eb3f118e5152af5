// Verifies signatures in minisign's format (https://jedisct1.github.io/minisign/#signature-format).
import { createHash, createPublicKey, verify } from 'node:crypto';

interface Parts {
  readonly keyId: Buffer;
  readonly signature: Buffer;
  readonly comment: Buffer;
  readonly commentSignature: Buffer;
}

/**
 * Whether one of the keys signed the content.
 * @param keys base64 of `Ed`, key id and key
 * @param signature text of the .minisig file
 */
export function isSignedBy(keys: readonly string[], content: Buffer, signature: string): boolean {
  const parts = parse(signature);
  if (!parts) return false;
  return keys.some((text) => {
    const [algorithm, keyId, raw] = split(Buffer.from(text, 'base64'), 2, 8, 32);
    if (algorithm?.toString('latin1') !== 'Ed' || !keyId?.equals(parts.keyId) || !raw) return false;
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
    const hash = createHash('blake2b512').update(content).digest();
    const signedComment = Buffer.concat([parts.signature, parts.comment]);
    return verify(null, hash, key, parts.signature) && verify(null, signedComment, key, parts.commentSignature);
  });
}

/** Undefined if it is not such a signature, with the hash of the content (`ED`). */
function parse(text: string): Parts | undefined {
  const form =
    /^untrusted comment: [^\r\n]*\r?\n([A-Za-z0-9+/=]+)\r?\ntrusted comment: ([^\r\n]*)\r?\n([A-Za-z0-9+/=]+)\r?\n?$/;
  const [, packed = '', comment = '', whole = ''] = form.exec(text) ?? [];
  const [algorithm, keyId, signature] = split(Buffer.from(packed, 'base64'), 2, 8, 64);
  const commentSignature = Buffer.from(whole, 'base64');
  if (algorithm?.toString('latin1') !== 'ED' || !keyId || !signature || commentSignature.length !== 64)
    return undefined;
  return { keyId, signature, comment: Buffer.from(comment), commentSignature };
}

/** Pieces of these sizes, if they are the whole. */
function split(bytes: Buffer, ...sizes: readonly number[]): Buffer[] {
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0));
  if (bytes.length !== ends.at(-1)) return [];
  return ends.map((end, index) => bytes.subarray(end - sizes[index]!, end));
}
