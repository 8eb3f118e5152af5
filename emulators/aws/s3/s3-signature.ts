// Judges a signature as S3 does: its own errors and order, the path encoded once, and a word about the payload in
// x-amz-content-sha256, which s3-payload.ts holds against the body.

import { AwsError } from '../errors.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import { ALGORITHM, type Claim, MAX_AGE_SECONDS, readClaim, signedAt } from '../sigv4/sigv4-claim.ts';
import { canonicalRequest, encodeRfc3986, signText, stringToSign } from '../sigv4/sigv4-signature.ts';
import { equalSecrets, type IssuedCredentials } from '../sts/credentials.ts';
import { findCredentials, isoSeconds, type World } from '../world.ts';
import { S3Error } from './s3-error.ts';
import { readPayload } from './s3-payload.ts';

/** A request that S3 believes. */
export interface SignedS3Request {
  readonly caller: IssuedCredentials;
  /** The body without the framing of aws-chunked. */
  readonly body: Buffer;
}

/** @throws S3Error */
export function verifyS3(world: World, request: ReceivedRequest, bucketRegion: string): SignedS3Request {
  const claim = claimOf(request);
  checkScope(claim, bucketRegion);
  checkTime(claim, request.now);
  const caller = findCaller(world, request, claim);
  checkSignedHeaders(request, claim);
  const payloadHash = claim.isPresigned ? 'UNSIGNED-PAYLOAD' : contentHash(request);
  const path = `/${request.path.slice(1).split('/').map(decodeSegment).map(encodeRfc3986).join('/')}`;
  const canonical = canonicalRequest(request, claim, { path, payloadHash });
  const text = stringToSign(claim, canonical);
  if (!equalSecrets(claim.signature, signText(claim, caller.secretAccessKey, text))) {
    throw new S3Error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      {
        AWSAccessKeyId: claim.accessKeyId,
        StringToSign: text,
        SignatureProvided: claim.signature,
        CanonicalRequest: canonical,
      },
    );
  }
  return { caller, body: readPayload(request, payloadHash, { claim, secretAccessKey: caller.secretAccessKey }) };
}

/** @throws S3Error */
function claimOf(request: ReceivedRequest): Claim {
  const authorization = headerOf(request, 'authorization');
  const isPresigned = new URLSearchParams(request.query).has('X-Amz-Signature');
  if (!isPresigned && authorization === undefined) throw new S3Error(403, 'AccessDenied', 'Access Denied');
  if (!isPresigned && authorization?.startsWith(`${ALGORITHM} `) !== true) {
    throw new S3Error(400, 'InvalidArgument', 'Unsupported Authorization Type', { ArgumentName: 'Authorization' });
  }
  try {
    return readClaim(request);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (isPresigned) throw new S3Error(400, 'AuthorizationQueryParametersError', error.message);
    throw malformed(error.message.replace(/^Authorization header requires/, 'the header requires'));
  }
}

function checkScope(claim: Claim, region: string): void {
  if (claim.service !== 's3') {
    throw malformed(`incorrect service "${claim.service}". This endpoint belongs to "s3".`);
  }
  if (claim.terminator !== 'aws4_request') {
    throw malformed(`incorrect terminal "${claim.terminator}". This endpoint uses "aws4_request".`);
  }
  if (claim.region !== region) {
    throw malformed(`the region '${claim.region}' is wrong; expecting '${region}'`, { Region: region });
  }
  const day = claim.timestamp.slice(0, 8);
  if (claim.date !== day) {
    throw malformed(`Invalid credential date "${claim.date}". This date is not the same as X-Amz-Date: "${day}".`);
  }
}

function checkTime(claim: Claim, now: Date): void {
  const ageSeconds = (now.getTime() - signedAt(claim)) / 1000;
  if (claim.isPresigned) {
    if (claim.maxAgeSeconds > 604_800) {
      const text = 'X-Amz-Expires must be less than a week (in seconds) that is 604800';
      throw new S3Error(400, 'AuthorizationQueryParametersError', text);
    }
    if (!(ageSeconds <= claim.maxAgeSeconds)) throw new S3Error(403, 'AccessDenied', 'Request has expired');
    if (ageSeconds < -MAX_AGE_SECONDS) throw new S3Error(403, 'AccessDenied', 'Request is not valid yet');
  } else if (!(Math.abs(ageSeconds) <= MAX_AGE_SECONDS)) {
    throw new S3Error(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      { RequestTime: claim.timestamp, ServerTime: isoSeconds(now), MaxAllowedSkewMilliseconds: '900000' },
    );
  }
}

/** Key, then token, then its time. */
function findCaller(world: World, request: ReceivedRequest, claim: Claim): IssuedCredentials {
  const caller = findCredentials(world, claim.accessKeyId);
  if (caller === undefined || (caller.sessionToken !== undefined && claim.sessionToken === undefined)) {
    const text = 'The AWS Access Key Id you provided does not exist in our records.';
    throw new S3Error(403, 'InvalidAccessKeyId', text, { AWSAccessKeyId: claim.accessKeyId });
  }
  if (!equalSecrets(claim.sessionToken ?? '', caller.sessionToken ?? '')) {
    throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  if (caller.expiresAt !== undefined && request.now.getTime() >= caller.expiresAt.getTime()) {
    throw new S3Error(400, 'ExpiredToken', 'The provided token has expired.');
  }
  return caller;
}

function checkSignedHeaders(request: ReceivedRequest, claim: Claim): void {
  const names = request.headers.map(([name]) => name).filter((name) => name.startsWith('x-amz-'));
  const unsigned = ['host', ...names].filter((name) => !claim.signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  const text = 'There were headers present in the request which were not signed';
  throw new S3Error(403, 'AccessDenied', text, { HeadersNotSigned: unsigned.join(', ') });
}

function contentHash(request: ReceivedRequest): string {
  const hash = headerOf(request, 'x-amz-content-sha256');
  if (hash !== undefined) return hash;
  const text = 'Missing required header for this request: x-amz-content-sha256';
  throw new S3Error(400, 'InvalidRequest', text);
}

/** One part of a key as it was meant. @throws S3Error */
export function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

function malformed(why: string, elements: Readonly<Record<string, string>> = {}): S3Error {
  return new S3Error(400, 'AuthorizationHeaderMalformed', `The authorization header is malformed; ${why}`, elements);
}
