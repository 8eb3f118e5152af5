// The only place that draws randomness. Tests hand in a counting source to get exact bytes.

export type RandomBytes = (size: number) => Buffer;

const pool = Buffer.alloc(2048);
let used = pool.length;
let crypto: typeof import('node:crypto') | undefined;

/** Loaded on first use: most commands of `rolegate` draw nothing. */
function fill(bytes: Buffer): Buffer {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomFillSync(bytes);
}

/** Drawn in blocks: one call of the generator costs as much as its next 500 bytes. What was handed out is wiped. */
export const systemRandom: RandomBytes = (size) => {
  if (size > pool.length) return fill(Buffer.alloc(size));
  if (used + size > pool.length) {
    fill(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + size);
  const drawn = Buffer.from(bytes);
  bytes.fill(0);
  used += size;
  return drawn;
};

/** A bearer secret of 256 bits: 43 characters of base64url. */
export function randomSecret(random: RandomBytes): string {
  return random(32).toString('base64url');
}

/** An xs:ID of 160 bits. Core §1.3.4 asks for at least 128; the underscore makes it an NCName. */
export function randomXmlId(random: RandomBytes): string {
  return `_${random(20).toString('hex')}`;
}
