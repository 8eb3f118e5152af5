// A page whose large part changes seldom: that part is compressed once, and joined with the rest for each request.
import { createHash } from 'node:crypto';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { Request, Response } from 'express';

/** The large part, ready to be sent. */
export interface PagePart {
  readonly bytes: Buffer;
  /** DEFLATE blocks that refer to nothing before them and do not end the stream (RFC 1951 §2). */
  readonly deflated: () => Buffer;
  readonly digest: string;
}

/** Below this a page is sent whole and not kept by the browser: there is little to save. */
const worthwhileLength = 65_536;

export function preparePart(text: string): PagePart {
  const bytes = Buffer.from(text, 'utf8');
  let deflated: Buffer | undefined;
  return {
    bytes,
    // Once for many requests: the effort is worth it.
    deflated: () => {
      deflated ??= deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
      return deflated;
    },
    digest: digestOf(bytes),
  };
}

/**
 * Sends `before`, the part and `after` as one page, or 304 if the browser has it. A browser may keep a large page and asks
 * each time, with its cookies: the page of another person never comes from its memory.
 */
export function sendAssembled(
  request: Request,
  response: Response,
  before: string,
  part: PagePart,
  after: string,
): void {
  response.type('html').vary('Accept-Encoding');
  const bytes = [Buffer.from(before, 'utf8'), part.bytes, Buffer.from(after, 'utf8')];
  if (part.bytes.length < worthwhileLength) {
    response.send(Buffer.concat(bytes));
    return;
  }
  const digest = digestOf(Buffer.from(JSON.stringify([before, part.digest, after]), 'utf8'));
  response.vary('Accept-Language, Cookie').set({ 'Cache-Control': 'private, no-cache', ETag: `W/"${digest}"` });
  if (request.fresh) {
    response.status(304).end();
  } else if (request.acceptsEncodings('gzip') === 'gzip') {
    response.set('Content-Encoding', 'gzip').send(gzipOf(bytes, part.deflated()));
  } else {
    response.send(Buffer.concat(bytes));
  }
}

/** One gzip member (RFC 1952 §2.3) of three pieces, of which the middle one is compressed already. */
function gzipOf([before, part, after]: readonly Buffer[], deflated: Buffer): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(after!, crc32(part!, crc32(before!))), 0);
  trailer.writeUInt32LE((before!.length + part!.length + after!.length) % 2 ** 32, 4);
  const first = deflateRawSync(before!, { level: 4, finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([gzipHeader, first, deflated, deflateRawSync(after!, { level: 4 }), trailer]);
}

/** Deflate, without flags, time and name, of an unknown system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
}
