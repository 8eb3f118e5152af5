// The only place that draws randomness. Tests hand in a counting source to get exact bytes.
import { randomBytes as cryptoRandomBytes } from 'node:crypto';

export type RandomBytes = (size: number) => Buffer;

export const systemRandom: RandomBytes = (size) => cryptoRandomBytes(size);

/** A bearer secret of 256 bits: 43 characters of base64url. */
export function randomSecret(random: RandomBytes): string {
  return random(32).toString('base64url');
}

/** An xs:ID of 160 bits. Core §1.3.4 asks for at least 128; the underscore makes it an NCName. */
export function randomXmlId(random: RandomBytes): string {
  return `_${random(20).toString('hex')}`;
}
