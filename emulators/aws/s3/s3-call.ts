// A call of S3 that has been let through, and the answer to one that went well.
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { s3Headers } from './s3-error.ts';
import type { BucketRecord } from './s3-objects.ts';

/** A call that has been let through. */
export interface S3Call {
  readonly request: ReceivedRequest;
  readonly bucket: BucketRecord;
  readonly key: string;
  readonly body: Buffer;
}

/** A 200 of S3. */
export function reply(
  request: ReceivedRequest,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Reply {
  return { status: 200, headers: { ...s3Headers(request), ...headers }, body };
}
