// `rolegate presign`: a URL with which others get or put one object of S3, without credentials, until it ends.
import { readTarget } from '../curl/curl-target.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { parseDuration } from '../machine/duration.ts';
import { CliError } from '../machine/errors.ts';
import { dnsSuffixFor, endpointVariable, type IntegrationOptions, obtainRole } from './integration-role.ts';
import { presignUrl } from './presign.ts';

export interface PresignOptions extends IntegrationOptions {
  readonly method: string;
  readonly expiresIn: string;
}

const maxSeconds = 7 * 24 * 3600;

/** @throws CliError */
export async function presignS3(context: CliContext, address: string, options: PresignOptions): Promise<void> {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(address) ?? [];
  if (bucket === undefined) throw new CliError('usage', `"${address}" is not an object: s3://BUCKET/KEY`);
  const segments = key.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new CliError('usage', 'a key with "." or ".." as a part cannot be reached by a URL');
  }
  const method = options.method.toUpperCase();
  if (method !== 'GET' && method !== 'PUT') throw new CliError('usage', `--method must be GET or PUT, not ${method}`);
  const expiresInSeconds = parseDuration(options.expiresIn) ?? 0;
  if (expiresInSeconds < 1 || expiresInSeconds > maxSeconds) {
    throw new CliError('usage', '--expires-in must be between 1s and 168h, such as 15m');
  }
  const { credentials, region } = await obtainRole(context, options);
  const path = segments.map(encodeURIComponent).join('/');
  const target = readTarget(`${bucketAddress(context, bucket, region)}/${path}`, { service: 's3', region });
  const now = context.clock.now();
  const headers = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
  const url = await presignUrl({ method, target, headers, credentials, now, expiresInSeconds });
  const endsAt = Math.min(now.getTime() + expiresInSeconds * 1000, Date.parse(credentials.Expiration));
  print(context, options.json ? JSON.stringify({ url, expiresAt: new Date(endsAt).toISOString() }) : url);
  if (Date.parse(credentials.Expiration) - now.getTime() < expiresInSeconds * 1000) {
    say(context, `rolegate: the URL works until ${credentials.Expiration}, when the session that signed it ends`);
  }
}

/** A dot in the name would not fit AWS's certificate; other endpoints than AWS's have no host names for buckets. */
function bucketAddress(context: CliContext, bucket: string, region: string): string {
  const own = endpointVariable(context, 's3');
  if (own !== undefined) return `${own}/${bucket}`;
  const host = `s3.${region}.${dnsSuffixFor(region)}`;
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}
