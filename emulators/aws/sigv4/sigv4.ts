// Judges a signature as STS and Lambda do (T8 to T12): key, scope, signature, date, expiry, in this order.

import { AwsError } from '../errors.ts';
import type { ReceivedRequest } from '../received-request.ts';
import { equalSecrets, type IssuedCredentials } from '../sts/credentials.ts';
import { findCredentials, type World } from '../world.ts';
import { type Claim, MAX_AGE_SECONDS, readClaim, signedAt } from './sigv4-claim.ts';
import { canonicalRequest, signText, stringToSign, usualCanonical } from './sigv4-signature.ts';

/**
 * Verifies the request for a service; the region is checked where one is expected.
 * @returns the caller's credentials. @throws AwsError T8 to T12
 */
export function verifySignature(
  world: World,
  request: ReceivedRequest,
  service: string,
  region: string | undefined = request.host.kind === 'sts' ? request.host.region : undefined,
): IssuedCredentials {
  const read = readClaim(request);
  // STS takes no presigned request older than 15 minutes, whatever it asks for.
  const claim = { ...read, maxAgeSeconds: Math.min(read.maxAgeSeconds, MAX_AGE_SECONDS) };
  const credentials = findCaller(world, claim);
  checkScope(request, claim, { service, region });
  const text = stringToSign(claim, canonicalRequest(request, claim, usualCanonical(request)));
  verifyText(credentials, claim, text, request.now);
  return credentials;
}

/** @throws AwsError for a key that is not known, or another session token */
export function findCaller(world: World, { accessKeyId, sessionToken = '' }: Claim): IssuedCredentials {
  const credentials = findCredentials(world, accessKeyId);
  if (credentials === undefined || !equalSecrets(sessionToken, credentials.sessionToken ?? '')) {
    throw new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid');
  }
  return credentials;
}

/** @throws AwsError for another signature of the text, a date too far away, or expired credentials */
export function verifyText(credentials: IssuedCredentials, claim: Claim, text: string, now: Date): void {
  if (!equalSecrets(claim.signature, signText(claim, credentials.secretAccessKey, text))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  checkDate(claim, now);
  if (credentials.expiresAt !== undefined && now.getTime() >= credentials.expiresAt.getTime()) {
    throw new AwsError(403, 'ExpiredToken', 'The security token included in the request is expired');
  }
}

/** The scope names this service and, under a real host name, this region. */
function checkScope(
  request: ReceivedRequest,
  claim: Claim,
  { service, region }: { service: string; region: string | undefined },
): void {
  if (region !== undefined && claim.region !== region) {
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

/** T11. */
function checkDate(claim: Claim, now: Date): void {
  const signed = signedAt(claim);
  const earliest = new Date(now.getTime() - claim.maxAgeSeconds * 1000);
  const latest = new Date(now.getTime() + MAX_AGE_SECONDS * 1000);
  const minutes = claim.maxAgeSeconds / 60;
  if (Number.isNaN(signed) || signed < earliest.getTime()) {
    throw mismatch(
      `Signature expired: ${claim.timestamp} is now earlier than ${compact(earliest)} (${compact(now)} - ${minutes} min.)`,
    );
  }
  if (signed > latest.getTime()) {
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
