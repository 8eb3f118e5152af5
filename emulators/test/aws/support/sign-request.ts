// Signs requests with Signature Version 4 for the emulator's tests, header form and presigned, with room for mistakes.
import { createHash, createHmac } from 'node:crypto';

/** Whose request it is, and when it claims to be made. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly now: Date;
  readonly region?: string;
  readonly service?: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Headers that sign a form POST to `/`. */
export function signPost(signer: Signer, host: string, body: string): Record<string, string> {
  const headers: Record<string, string> = { host, 'x-amz-date': stamp(signer.now) };
  if (signer.sessionToken !== undefined) headers['x-amz-security-token'] = signer.sessionToken;
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}`);
  const canonical = ['POST', '/', '', ...lines, '', names.join(';'), sha256(body)].join('\n');
  const credential = `${signer.accessKeyId}/${scope(signer)}`;
  const signature = signatureOf(signer, canonical);
  const { host: _host, ...sent } = headers;
  return {
    ...sent,
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}

/** Path and query of a presigned GET. */
export function presignGet(
  signer: Signer,
  host: string,
  query: Readonly<Record<string, string>>,
  expires = 60,
): string {
  const all: Record<string, string> = {
    ...query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${signer.accessKeyId}/${scope(signer)}`,
    'X-Amz-Date': stamp(signer.now),
    'X-Amz-Expires': String(expires),
    'X-Amz-SignedHeaders': 'host',
  };
  if (signer.sessionToken !== undefined) all['X-Amz-Security-Token'] = signer.sessionToken;
  const text = Object.entries(all)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', '/', text, `host:${host}`, '', 'host', sha256('')].join('\n');
  return `/?${text}&X-Amz-Signature=${signatureOf(signer, canonical)}`;
}

/** A password for CodeCommit: the date that is signed has no Z. */
export function gitPassword(signer: Signer, host: string, path: string): string {
  const date = stamp(signer.now).slice(0, -1);
  const canonical = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
  return `${date}Z${signatureOf({ ...signer, service: 'codecommit' }, canonical, date)}`;
}

function signatureOf(signer: Signer, canonical: string, timestamp = stamp(signer.now)): string {
  const text = [ALGORITHM, timestamp, scope(signer), sha256(canonical)].join('\n');
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const key = scope(signer).split('/').reduce<string | Buffer>(hmac, `AWS4${signer.secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

function scope(signer: Signer): string {
  const { region = 'us-east-1', service = 'sts' } = signer;
  return `${stamp(signer.now).slice(0, 8)}/${region}/${service}/aws4_request`;
}

function stamp(date: Date): string {
  return date.toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
