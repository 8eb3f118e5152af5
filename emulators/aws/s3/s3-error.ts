// S3's own way to refuse: XML without a namespace, with elements that depend on the error.
import { AwsError } from '../errors.ts';
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { escapeXml } from '../xml/xml.ts';

/** An error of S3 with the elements that it shows beside code and message. */
export class S3Error extends AwsError {
  readonly elements: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, elements: Readonly<Record<string, string>> = {}) {
    super(status, code, message);
    this.name = 'S3Error';
    this.elements = elements;
  }
}

/** The answer to a refused request; HEAD has no body, so there the status says everything. */
export function s3ErrorReply(request: ReceivedRequest, error: AwsError, bucketRegion: string | undefined): Reply {
  const elements = error instanceof S3Error ? error.elements : {};
  const all = { Code: error.code, Message: error.message, ...elements, RequestId: request.id, HostId: hostId(request) };
  const inner = Object.entries(all).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join('')}</Error>`;
  return {
    status: error.status,
    headers: {
      ...s3Headers(request),
      'content-type': 'application/xml',
      ...(bucketRegion === undefined ? {} : { 'x-amz-bucket-region': bucketRegion }),
    },
    body: request.method === 'HEAD' ? '' : body,
  };
}

/** What every answer of S3 carries. */
export function s3Headers(request: ReceivedRequest): Record<string, string> {
  return { 'x-amz-request-id': request.id, 'x-amz-id-2': hostId(request), server: 'AmazonS3' };
}

function hostId(request: ReceivedRequest): string {
  return Buffer.from(request.id).toString('base64');
}
