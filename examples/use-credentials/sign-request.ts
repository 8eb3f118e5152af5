// AWS Signature Version 4 with nothing but node:crypto: what an SDK does, for those who have none.
import { createHash, createHmac } from 'node:crypto';

export interface Wish {
  readonly method: string;
  /** Path and query already in RFC 3986 encoding, without repeated names. */
  readonly url: URL;
  readonly service: string;
  readonly region: string;
  readonly body?: string;
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The keys that `rolegate exec` and `rolegate export` put into the environment. @throws Error without them */
export function keysFromEnvironment(): Keys {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY || !AWS_SESSION_TOKEN) {
    throw new Error('no credentials: start this with `rolegate exec --role ROLE -- …`');
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
}

/** The headers to send with the request. They are valid for 15 minutes, and for this request only. */
export function signedHeaders({ method, url, service, region, body = '' }: Wish, keys: Keys, now: Date) {
  const timestamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${timestamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': timestamp,
    'x-amz-security-token': keys.sessionToken,
  };
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    method,
    // S3 takes the path as it is sent, all other services encode it once more.
    service === 's3' ? url.pathname : url.pathname.split('/').map(encodeURIComponent).join('/'),
    url.search.slice(1).split('&').sort().join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n');
  const stringToSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const signature = hmac(key, stringToSign).toString('hex');
  const credential = `Credential=${keys.accessKeyId}/${scope}`;
  headers['authorization'] = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
