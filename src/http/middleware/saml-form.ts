// Reads the form in which an identity provider's page posts a SAML message (Bindings §3.5.4): a few fields, of which one is long.
// A parser for any form costs as much as verifying the message in it.
import { isAscii } from 'node:buffer';
import type { Request, RequestHandler } from 'express';

type Fields = Record<string, string | string[]>;

const maxFields = 10;

/** Sets `request.body`; a repeated name has a list. Errors have the `status` that body-parser would give them. */
export function samlForm(maxBytes: number): RequestHandler {
  return (request, _response, next) => {
    // Values are ASCII, whatever charset the form says it is in.
    const type = (request.headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
    if (type !== 'application/x-www-form-urlencoded') return next();
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return next(refusal(415));
    readBody(request, maxBytes, (error, body) => {
      if (error) return next(error);
      try {
        spacesOf(body);
        request.body = parseFields(isAscii(body) ? body.toString('latin1') : body.toString('utf8'));
      } catch (refused) {
        return next(refused);
      }
      next();
    });
  };
}

/** A body that is too long is read to its end and dropped: a client that still sends would not see an answer. */
function readBody(request: Request, maxBytes: number, done: (error: Error | undefined, body: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) chunks = [];
    else chunks.push(chunk);
  });
  const finish = (error?: Error) => {
    request.off('close', abort);
    done(error, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
  };
  const abort = () => finish(refusal(400));
  request.once('close', abort);
  request.once('end', () => finish(bytes > maxBytes ? refusal(413) : undefined));
}

/** A plus is a space (URL Standard §5.1): byte by byte, for there may be as many as the form has bytes. */
function spacesOf(body: Buffer): void {
  if (!body.includes('+')) return;
  for (let at = 0; at < body.length; at++) if (body[at] === 0x2b) body[at] = 0x20;
}

/** As application/x-www-form-urlencoded is read (URL Standard §5.1). @throws Error with a status */
function parseFields(text: string): Fields {
  const fields: Fields = Object.create(null);
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const separator = text.indexOf('&', at);
    const end = separator < 0 ? text.length : separator;
    if (++count > maxFields) throw refusal(413);
    const equals = text.indexOf('=', at);
    const middle = equals < 0 || equals > end ? end : equals;
    const name = decoded(text.slice(at, middle));
    const value = decoded(text.slice(middle + 1, end));
    const known = fields[name];
    fields[name] = known === undefined ? value : [known, value].flat();
    at = end + 1;
  }
  return fields;
}

/** What base64 needs escaped is replaced first: decodeURIComponent looks at each character. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  const plain = text.split('%2B').join('+').split('%2F').join('/').split('%3D').join('=');
  // `%25` would become another escape in a second step.
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal(400);
  }
}

function refusal(status: 400 | 413 | 415): Error {
  return Object.assign(new Error('the form cannot be read'), { status });
}
