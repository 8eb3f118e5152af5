// The encoding of text files and downloaded documents: UTF-8, or UTF-16 with a byte order mark.
import { isAscii } from 'node:buffer';

/**
 * The text without its byte order mark. PowerShell 5 writes UTF-16 with a mark when a command's output is redirected.
 * @throws Error that says what the octets are
 */
export function decodeText(bytes: Buffer): string {
  if (isAscii(bytes) && !bytes.includes(0)) return bytes.toString('latin1');
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`is not ${encoding === 'utf-8' ? 'UTF-8' : 'UTF-16'}: save it as UTF-8`, { cause });
  }
}

function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const mark = bytes.subarray(0, 4).toString('hex');
  if (mark.startsWith('fffe0000') || mark === '0000feff') throw new Error('is UTF-32: save it as UTF-8');
  if (mark.startsWith('fffe')) return 'utf-16le';
  if (mark.startsWith('feff')) return 'utf-16be';
  // No text in UTF-8 has a NUL; of two octets of UTF-16 one is NUL wherever the character is ASCII.
  if (bytes.subarray(0, 4).includes(0)) throw new Error('is UTF-16 without a byte order mark: save it as UTF-8');
  return 'utf-8';
}
