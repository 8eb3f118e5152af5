// The little HTTP the emulator needs: bounded form bodies, cookies, page and redirect answers.

import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request, read. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** The query as received, without its question mark. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  /** Cookies to set with the answer. */
  readonly newCookies: string[];
}

/** An answer to be sent. */
export type Answer =
  | { readonly kind: 'page'; readonly status: number; readonly html: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'xml'; readonly xml: string };

const maxBodyBytes = 512 * 1024;

/**
 * Reads method, target, cookies and, of a POST, the form.
 *
 * @throws Error when the body is not a form or is too large
 */
export async function readExchange(request: IncomingMessage): Promise<Exchange> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const method = request.method ?? 'GET';
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    form: new URLSearchParams(method === 'POST' ? await readForm(request) : ''),
    cookies: readCookies(request.headers.cookie ?? ''),
    newCookies: [],
  };
}

/** Sends an answer; nothing of a sign-in may be kept by a cache. */
export function sendAnswer(response: ServerResponse, answer: Answer, newCookies: readonly string[]): void {
  if (newCookies.length > 0) response.setHeader('Set-Cookie', [...newCookies]);
  response.setHeader('Cache-Control', 'no-cache, no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (answer.kind === 'redirect') {
    response.writeHead(302, { Location: answer.location }).end();
  } else if (answer.kind === 'xml') {
    response.writeHead(200, { 'Content-Type': 'application/samlmetadata+xml' }).end(answer.xml);
  } else {
    response.setHeader('X-Frame-Options', 'DENY');
    response.writeHead(answer.status, { 'Content-Type': 'text/html; charset=utf-8' }).end(answer.html);
  }
}

async function readForm(request: IncomingMessage): Promise<string> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new Error('the body is not a form');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > maxBodyBytes) throw new Error('the body is too large');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readCookies(header: string): ReadonlyMap<string, string> {
  const pairs = header.split(';').map((part): [string, string] => {
    const equals = part.indexOf('=');
    return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
  });
  return new Map(pairs.filter(([name]) => name !== ''));
}
