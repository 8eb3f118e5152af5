// A presigned URL (Signature Version 4 in the query): a request that others can send until it ends.
import { createSigner, type SessionKeys } from '../curl/curl-sign.ts';
import { encodeRfc3986, type Target } from '../curl/curl-target.ts';

export interface PresignInput {
  readonly method: 'GET' | 'PUT';
  readonly target: Target;
  /** Signed besides host: the client that sends the request has to send them as well. Those of AWS go into the query. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials: SessionKeys;
  readonly now: Date;
  readonly expiresInSeconds: number;
}

export async function presignUrl(input: PresignInput): Promise<string> {
  const { method, target, headers, credentials, now, expiresInSeconds } = input;
  const signer = await createSigner(target, credentials);
  const { query = {} } = await signer.presign(
    {
      method,
      protocol: 'https:',
      hostname: target.hostname,
      path: target.path,
      query: { ...target.query },
      headers: { host: target.host, ...headers },
    },
    { signingDate: now, expiresIn: expiresInSeconds },
  );
  const pairs = Object.entries(query).map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(String(value))}`);
  return `${target.origin}${target.path}?${pairs.join('&')}`;
}
