// Signature Version 4 for requests of the command. The signer is loaded here and nowhere else, when there is something to sign.
import type { Target } from './curl-target.ts';

/** Of the credentials, what signs. */
export interface SessionKeys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

export interface SigningInput {
  readonly method: string;
  readonly target: Target;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex, or UNSIGNED-PAYLOAD. */
  readonly payloadHash: string;
  readonly credentials: SessionKeys;
  readonly now: Date;
}

export async function createSigner(
  { service, region }: { readonly service: string; readonly region: string },
  { AccessKeyId, SecretAccessKey, SessionToken }: SessionKeys,
) {
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
  ]);
  return new SignatureV4({
    service,
    region,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    sha256: Sha256,
    // S3 takes the path as it is sent; all others encode it once more.
    uriEscapePath: service !== 's3',
  });
}

/** All headers to send: those given, host, and what the signature consists of. */
export async function signRequest(input: SigningInput): Promise<Record<string, string>> {
  const { method, target, headers, payloadHash, credentials, now } = input;
  const signer = await createSigner(target, credentials);
  const signed = await signer.sign(
    {
      method,
      protocol: 'https:',
      hostname: target.hostname,
      path: target.path,
      query: { ...target.query },
      // Every service takes this header; S3 asks for it, and without it the signer would have to hash the body.
      headers: { host: target.host, 'x-amz-content-sha256': payloadHash, ...headers },
    },
    { signingDate: now },
  );
  return signed.headers;
}
