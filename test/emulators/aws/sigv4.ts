// Verifies AWS Signature Version 4 on a received request, header form and presigned query form (T8-T12). The canonical
// request is built from the raw request, by code of its own.
import { createHash, createHmac } from 'node:crypto';
import { equalSecrets, type IssuedCredentials } from './credentials.ts';
import { AwsError } from './errors.ts';
import { headerOf, type ReceivedRequest } from './received-request.ts';
import { findCredentials, type World } from './world.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_AGE_SECONDS = 900;

/** Everything a signature claims, wherever in the request it stands. */
interface Claim {
  readonly isPresigned: boolean;
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** X-Amz-Date, `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  readonly maxAgeSeconds: number;
}

/** Verifies the request. @returns the caller's credentials. @throws AwsError T8 to T12 */
export function verifySignature(world: World, request: ReceivedRequest, service: string): IssuedCredentials {
  const claim = readClaim(request);
  const credentials = findCredentials(world, claim.accessKeyId);
  const token = credentials?.sessionToken ?? '';
  if (credentials === undefined || !equalSecrets(claim.sessionToken ?? '', token)) {
    throw new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid');
  }
  checkScope(request, claim, service);
  if (!equalSecrets(claim.signature, expectedSignature(request, claim, credentials.secretAccessKey))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  checkDate(claim, request.now);
  if (credentials.expiresAt !== undefined && request.now.getTime() >= credentials.expiresAt.getTime()) {
    throw new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired');
  }
  return credentials;
}

/** T8. @throws AwsError */
function readClaim(request: ReceivedRequest): Claim {
  const query = new URLSearchParams(request.query);
  const header = headerOf(request, 'authorization');
  if (query.has('X-Amz-Signature')) return presignedClaim(query);
  if (header === undefined || header === '') {
    throw new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const [scheme, ...rest] = header.split(' ');
  const fields = new Map(
    rest
      .join(' ')
      .split(',')
      .map((part) => part.trim().split('='))
      .map(([name = '', ...value]) => [name, value.join('=')]),
  );
  if (scheme !== ALGORITHM) throw incomplete(`Authorization header must use ${ALGORITHM}.`);
  return toClaim({
    isPresigned: false,
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    timestamp: headerOf(request, 'x-amz-date'),
    sessionToken: headerOf(request, 'x-amz-security-token'),
    maxAgeSeconds: MAX_AGE_SECONDS,
  });
}

function presignedClaim(query: URLSearchParams): Claim {
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}.`);
  const expires = query.get('X-Amz-Expires') ?? '';
  return toClaim({
    isPresigned: true,
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    timestamp: query.get('X-Amz-Date') ?? undefined,
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    // STS takes no presigned request older than 15 minutes, whatever it asks for.
    maxAgeSeconds: /^[0-9]{1,6}$/.test(expires) ? Math.min(Number(expires), MAX_AGE_SECONDS) : MAX_AGE_SECONDS,
  });
}

function toClaim(parts: {
  isPresigned: boolean;
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  timestamp: string | undefined;
  sessionToken: string | undefined;
  maxAgeSeconds: number;
}): Claim {
  const { credential, signedHeaders, signature, timestamp, ...rest } = parts;
  if (credential === undefined) throw incomplete("Authorization header requires 'Credential' parameter.");
  if (signature === undefined) throw incomplete("Authorization header requires 'Signature' parameter.");
  if (signedHeaders === undefined) throw incomplete("Authorization header requires 'SignedHeaders' parameter.");
  if (timestamp === undefined || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = credential.split('/');
  const names = signedHeaders.split(';');
  return { ...rest, accessKeyId, date, region, service, terminator, signedHeaders: names, signature, timestamp };
}

/** The scope names this service and, under a real host name, this region. */
function checkScope(request: ReceivedRequest, claim: Claim, service: string): void {
  const { host } = request;
  if (host.kind === 'sts' && claim.region !== host.region) {
    throw mismatch('Credential should be scoped to a valid region.');
  }
  if (claim.service !== service) throw mismatch(`Credential should be scoped to correct service: '${service}'.`);
  if (claim.terminator !== 'aws4_request') {
    throw mismatch("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  if (claim.date !== claim.timestamp.slice(0, 8)) {
    throw mismatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.date}' != '${claim.timestamp.slice(0, 8)}'.`,
    );
  }
  const mustBeSigned = request.headers.map(([name]) => name).filter((name) => name.startsWith('x-amz-'));
  const forgotten = ['host', ...mustBeSigned].find((name) => !claim.signedHeaders.includes(name));
  if (forgotten !== undefined) throw mismatch(`'${forgotten}' must be a 'SignedHeader' in the AWS Authorization.`);
}

function expectedSignature(request: ReceivedRequest, claim: Claim, secretAccessKey: string): string {
  const scope = [claim.date, claim.region, claim.service, claim.terminator];
  const canonical = [
    request.method,
    request.path.split('/').map(encodeRfc3986).join('/'),
    canonicalQuery(request.query, claim.isPresigned),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}`),
    '',
    claim.signedHeaders.join(';'),
    createHash('sha256').update(request.body).digest('hex'),
  ].join('\n');
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const text = [ALGORITHM, claim.timestamp, scope.join('/'), hashed].join('\n');
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
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

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError(400, 'MalformedQueryString', 'The query string contains a syntax error.');
  }
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** T11. */
function checkDate(claim: Claim, now: Date): void {
  const signedAt = Date.parse(
    claim.timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  const earliest = new Date(now.getTime() - claim.maxAgeSeconds * 1000);
  const latest = new Date(now.getTime() + MAX_AGE_SECONDS * 1000);
  const minutes = claim.maxAgeSeconds / 60;
  if (Number.isNaN(signedAt) || signedAt < earliest.getTime()) {
    throw mismatch(
      `Signature expired: ${claim.timestamp} is now earlier than ${compact(earliest)} (${compact(now)} - ${minutes} min.)`,
    );
  }
  if (signedAt > latest.getTime()) {
    throw mismatch(
      `Signature not yet current: ${claim.timestamp} is still later than ${compact(latest)} (${compact(now)} + 15 min.)`,
    );
  }
}

function compact(date: Date): string {
  return date.toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
}

function mismatch(message: string): AwsError {
  return new AwsError(403, 'SignatureDoesNotMatch', message);
}

function incomplete(message: string): AwsError {
  return new AwsError(400, 'IncompleteSignature', message);
}
