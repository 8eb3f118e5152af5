// What a signature claims about itself, read from the Authorization header or from a presigned query (T8).
import { AwsError } from '../errors.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const MAX_AGE_SECONDS = 900;

/** Everything a signature claims, from the header or the query. */
export interface Claim {
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

/** T8. @throws AwsError MissingAuthenticationToken, IncompleteSignature */
export function readClaim(request: ReceivedRequest): Claim {
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
    maxAgeSeconds: /^[0-9]{1,6}$/.test(expires) ? Number(expires) : MAX_AGE_SECONDS,
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

/** When the request was signed; NaN for no date. In milliseconds. */
export function signedAt({ timestamp }: Claim): number {
  return Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function incomplete(message: string): AwsError {
  return new AwsError(400, 'IncompleteSignature', message);
}
