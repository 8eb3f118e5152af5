// ListObjectsV2: pages, prefixes, delimiter, and keys in URL encoding where the client asks for it.
import type { Reply } from '../reply.ts';
import { encodeRfc3986 } from '../sigv4/sigv4-signature.ts';
import { escapeXml } from '../xml/xml.ts';
import { reply, type S3Call } from './s3-call.ts';
import { S3Error } from './s3-error.ts';
import { listKeys } from './s3-objects.ts';

const MAX_KEYS = 1000;

/** @throws S3Error */
export function listObjects({ request, bucket }: S3Call): Reply {
  const { params } = request;
  if (params.get('list-type') !== '2') {
    throw new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented.');
  }
  const [prefix, delimiter] = [params.get('prefix') ?? '', params.get('delimiter') ?? ''];
  const token = params.get('continuation-token');
  const after = token === undefined ? (params.get('start-after') ?? '') : readToken(token);
  const maxKeys = Math.min(readMaxKeys(params.get('max-keys')), MAX_KEYS);
  const { keys, commonPrefixes, next } = listKeys(bucket, { prefix, delimiter, after, maxKeys });
  const isEncoded = params.get('encoding-type') === 'url';
  const text = (value: string) => escapeXml(isEncoded ? value.split('/').map(encodeRfc3986).join('/') : value);
  const contents = keys.map((key) => {
    const { etag, body, modifiedAt } = bucket.objects.get(key)!;
    return `<Contents><Key>${text(key)}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const nextToken = next === undefined ? undefined : Buffer.from(next).toString('base64url');
  const members = [
    `<Name>${escapeXml(bucket.name)}</Name><Prefix>${text(prefix)}</Prefix>`,
    token === undefined ? '' : `<ContinuationToken>${escapeXml(token)}</ContinuationToken>`,
    delimiter === '' ? '' : `<Delimiter>${text(delimiter)}</Delimiter>`,
    isEncoded ? '<EncodingType>url</EncodingType>' : '',
    `<KeyCount>${keys.length + commonPrefixes.length}</KeyCount><MaxKeys>${maxKeys}</MaxKeys>`,
    `<IsTruncated>${nextToken !== undefined}</IsTruncated>`,
    nextToken === undefined ? '' : `<NextContinuationToken>${nextToken}</NextContinuationToken>`,
    ...contents,
    ...commonPrefixes.map((each) => `<CommonPrefixes><Prefix>${text(each)}</Prefix></CommonPrefixes>`),
  ];
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${members.join('')}</ListBucketResult>`;
  return reply(request, body, { 'content-type': 'application/xml', 'x-amz-bucket-region': bucket.region });
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (Buffer.from(text).toString('base64url') === token && text !== '') return text;
  throw new S3Error(400, 'InvalidArgument', 'The continuation token provided is incorrect', {
    ArgumentName: 'continuation-token',
  });
}

function readMaxKeys(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range', {
    ArgumentName: 'max-keys',
    ArgumentValue: text,
  });
}
