// Holds the body against x-amz-content-sha256 and takes it out of aws-chunked. Signed chunks are verified one by one; the
// variant with a signed trailer is the one that is not known here.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Claim } from '../sigv4/sigv4-claim.ts';
import { scopeOf, signText } from '../sigv4/sigv4-signature.ts';
import { equalSecrets } from '../sts/credentials.ts';
import { S3Error } from './s3-error.ts';

interface Signer {
  readonly claim: Claim;
  readonly secretAccessKey: string;
}

interface Unpacked {
  readonly body: Buffer;
  /** What came after the last chunk, by lower-case name. */
  readonly trailer: ReadonlyMap<string, string>;
}

/** The body as it was meant. @throws S3Error */
export function readPayload(request: ReceivedRequest, payloadHash: string, signer: Signer): Buffer {
  const { body, trailer } = unpack(request, payloadHash, signer);
  const length = headerOf(request, 'x-amz-decoded-content-length');
  if (length !== undefined && Number(length) !== body.length) {
    const text = 'You did not provide the number of bytes specified by the Content-Length HTTP header.';
    throw new S3Error(400, 'IncompleteBody', text);
  }
  checkSums(body, (name) => trailer.get(name) ?? headerOf(request, name));
  return body;
}

function unpack(request: ReceivedRequest, payloadHash: string, signer: Signer): Unpacked {
  if (payloadHash === 'UNSIGNED-PAYLOAD') return { body: request.body, trailer: new Map() };
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return readChunks(request.body, undefined);
  if (payloadHash === 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD') return readChunks(request.body, signer);
  if (payloadHash.startsWith('STREAMING-')) {
    throw new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented.');
  }
  if (!/^[0-9a-f]{64}$/.test(payloadHash)) {
    const text =
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.';
    throw new S3Error(400, 'InvalidArgument', text, { ArgumentName: 'x-amz-content-sha256' });
  }
  const computed = sha256(request.body);
  if (computed === payloadHash) return { body: request.body, trailer: new Map() };
  throw new S3Error(
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: payloadHash, S3ComputedContentSHA256: computed },
  );
}

/** `SIZE[;chunk-signature=…]\r\n` DATA `\r\n`, an empty chunk, and the trailer. */
function readChunks(raw: Buffer, signer: Signer | undefined): Unpacked {
  const parts: Buffer[] = [];
  let previous = signer?.claim.signature ?? '';
  for (let at = 0; ; ) {
    const end = raw.indexOf('\r\n', at);
    const head = /^([0-9a-f]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(
      raw.toString('latin1', at, Math.max(end, 0)),
    );
    if (head === null) throw incomplete();
    const size = Number.parseInt(head[1] ?? '', 16);
    const data = raw.subarray(end + 2, end + 2 + size);
    if (signer !== undefined) previous = checkChunk(signer, data, previous, head[2] ?? '');
    if (size === 0) return { body: Buffer.concat(parts), trailer: readTrailer(raw.toString('latin1', end + 2)) };
    if (data.length < size) throw incomplete();
    parts.push(data);
    at = end + 2 + size + 2;
  }
}

/** Each signature covers the one before it, so chunks can be neither left out nor exchanged. */
function checkChunk({ claim, secretAccessKey }: Signer, data: Buffer, previous: string, signature: string): string {
  const text = ['AWS4-HMAC-SHA256-PAYLOAD', claim.timestamp, scopeOf(claim), previous, sha256(''), sha256(data)];
  const expected = signText(claim, secretAccessKey, text.join('\n'));
  if (equalSecrets(expected, signature)) return expected;
  const message =
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
  throw new S3Error(403, 'SignatureDoesNotMatch', message);
}

function readTrailer(text: string): Map<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
}

/** The checksums that today's SDKs send unasked. */
function checkSums(body: Buffer, sent: (name: string) => string | undefined): void {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const sums = { CRC32: crc.toString('base64'), SHA256: createHash('sha256').update(body).digest('base64') };
  for (const [name, sum] of Object.entries(sums)) {
    const claimed = sent(`x-amz-checksum-${name.toLowerCase()}`);
    if (claimed === undefined || claimed === sum) continue;
    throw new S3Error(400, 'BadDigest', `The ${name} you specified did not match the calculated checksum.`);
  }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function incomplete(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly');
}
