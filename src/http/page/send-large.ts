// An answer that may have thousands of rows, compressed: repeated parts cost next to nothing on the way.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const worthwhileLength = 65_536;
/** The rows are so alike that more effort gains little. */
const level = 4;

const compress = promisify(gzip);

/**
 * For texts that hold no secret and repeat nothing that the address says: the compressed length would tell of a secret
 * what a guess in the address has in common with it (BREACH).
 */
export async function sendLarge(request: Request, response: Response, type: string, text: string): Promise<void> {
  response.type(type).vary('Accept-Encoding');
  if (text.length < worthwhileLength || request.acceptsEncodings('gzip') !== 'gzip') {
    response.send(text);
    return;
  }
  response.set('Content-Encoding', 'gzip').send(await compress(text, { level }));
}
