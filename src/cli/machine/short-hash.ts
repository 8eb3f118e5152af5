// Names of files and locks. Nothing rests on them, and the crypto module would cost more than an answer from the cache.

/** FNV-1a of 32 bits. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
