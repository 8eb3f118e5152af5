// Signs requests to S3 and Lambda with the SDK's own signer, which shares nothing with the emulator, at any time and for
// any scope; and sends them as they were signed.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsEmulator } from '../../../aws/server.ts';
import { type RawAnswer, rawRequest } from './raw-request.ts';

/** The request, and its signer, scope and time. */
export interface ServiceRequest {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly now: Date;
  readonly service: string;
  readonly region: string;
  readonly method?: string;
  /** As it is sent; for S3 in RFC 3986 encoding. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Changes the request after it was signed. */
  readonly spoil?: (headers: Record<string, string>) => void;
}

/** Signs and sends. */
export async function callService(aws: Pick<AwsEmulator, 'url'>, wish: ServiceRequest): Promise<RawAnswer> {
  const { accessKeyId, secretAccessKey, sessionToken, service, region, method = 'GET', path, query = {}, body } = wish;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const { hostname, port, host } = new URL(aws.url);
  const headers = { host, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
  const request = { method, protocol: 'http:', hostname, port: Number(port), path, query: { ...query } };
  const signed = await signer.sign(
    { ...request, headers: { ...headers, ...wish.headers }, body },
    { signingDate: wish.now },
  );
  wish.spoil?.(signed.headers);
  const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
  const sent = { method, path: search === '' ? path : `${path}?${search}`, headers: signed.headers };
  return rawRequest(aws.url, body === undefined ? sent : { ...sent, body });
}
