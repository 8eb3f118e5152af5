// Computes the expected signature from a canonical request, which it builds from the raw request without the AWS SDK.
import { createHash, createHmac } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { ReceivedRequest } from '../received-request.ts';
import { ALGORITHM, type Claim } from './sigv4-claim.ts';

/** How services differ: how they write the path, and what they sign as the body. */
export interface Canonical {
  readonly path: string;
  readonly payloadHash: string;
}

/** Most services: each segment as it was sent, encoded once more, and the hash of the body. */
export function usualCanonical(request: ReceivedRequest): Canonical {
  return {
    path: request.path.split('/').map(encodeRfc3986).join('/'),
    payloadHash: createHash('sha256').update(request.body).digest('hex'),
  };
}

/** The text that is hashed into the text that is signed. */
export function canonicalRequest(request: ReceivedRequest, claim: Claim, { path, payloadHash }: Canonical): string {
  return [
    request.method,
    path,
    canonicalQuery(request.query, claim.isPresigned),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}`),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** The text that is signed. */
export function stringToSign(claim: Claim, canonical: string): string {
  const hashed = createHash('sha256').update(canonical).digest('hex');
  return [ALGORITHM, claim.timestamp, scopeOf(claim), hashed].join('\n');
}

/** DATE/REGION/SERVICE/aws4_request. */
export function scopeOf(claim: Claim): string {
  return [claim.date, claim.region, claim.service, claim.terminator].join('/');
}

/** Signs a text under the key of the claim's scope. */
export function signText(claim: Claim, secretAccessKey: string, text: string): string {
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const key = scopeOf(claim).split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

function canonicalHeader(request: ReceivedRequest, name: string): string {
  return request.headers
    .filter(([key]) => key === name)
    .map(([, value]) => value.trim().replace(/ +/g, ' '))
    .join(',');
}

function canonicalQuery(query: string, isPresigned: boolean): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const mark = part.indexOf('=');
      const name = mark < 0 ? part : part.slice(0, mark);
      return [decode(name), decode(mark < 0 ? '' : part.slice(mark + 1))].map(encodeRfc3986);
    })
    .filter(([name]) => !isPresigned || name !== 'X-Amz-Signature')
    .map((pair) => pair.join('='))
    .sort()
    .join('&');
}

/** @throws AwsError */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError(400, 'MalformedQueryString', 'The query string contains a syntax error.');
  }
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
