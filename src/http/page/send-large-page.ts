// A page that may have thousands of rows, compressed: what is alike in them costs next to nothing on the way.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';

const worthwhileLength = 65_536;
/** The rows are so alike that more effort gains little. */
const level = 4;

const compress = promisify(gzip);

/**
 * For pages that hold no secret and repeat nothing that the address says: the compressed length would tell of a secret
 * what a guess in the address has in common with it (BREACH).
 */
export async function sendLargePage(request: Request, response: Response, page: string): Promise<void> {
  response.type('html').vary('Accept-Encoding');
  if (page.length < worthwhileLength || request.acceptsEncodings('gzip') !== 'gzip') {
    response.send(page);
    return;
  }
  response.set('Content-Encoding', 'gzip').send(await compress(page, { level }));
}
