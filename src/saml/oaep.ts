// RSA-OAEP (RFC 8017 §7.1.2). Node takes one digest for label and mask; XML Encryption names two.
import { constants, createHash, type KeyObject, privateDecrypt, timingSafeEqual } from 'node:crypto';

export type OaepDigest = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Undefined if it was not made for this key in this way. */
export function oaepDecrypt(
  key: KeyObject,
  wrapped: Buffer,
  { digest, mgfDigest }: { readonly digest: OaepDigest; readonly mgfDigest: OaepDigest },
): Buffer | undefined {
  try {
    if (digest === mgfDigest) {
      return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest }, wrapped);
    }
    return unpad(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped), digest, mgfDigest);
  } catch {
    return undefined;
  }
}

// §7.1.2 step 3: 0x00, masked seed, masked data block. One answer for every fault.
function unpad(block: Buffer, digest: OaepDigest, mgfDigest: OaepDigest): Buffer | undefined {
  const label = createHash(digest).update('').digest();
  const [seed, data] = [block.subarray(1, 1 + label.length), block.subarray(1 + label.length)];
  const plainSeed = xor(seed, mask(data, seed.length, mgfDigest));
  const plain = xor(data, mask(plainSeed, data.length, mgfDigest));
  const end = plain.indexOf(1, label.length);
  const isZero = end >= 0 && plain.subarray(label.length, end).every((octet) => octet === 0);
  const isGood = timingSafeEqual(plain.subarray(0, label.length), label) && isZero && block[0] === 0;
  return isGood ? plain.subarray(end + 1) : undefined;
}

/** MGF1 (RFC 8017 §B.2.1). */
function mask(seed: Buffer, length: number, digest: OaepDigest): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0, made = 0; made < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const block = createHash(digest).update(seed).update(number).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((octet, index) => octet ^ b[index]!));
}
