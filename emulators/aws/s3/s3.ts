// S3, path style: ListObjectsV2, HeadBucket, and Get, Head and Put of small objects, for callers whose signature holds and
// whose policies allow it. Under a local name a request is S3's when its signature is for s3 or its path begins with a bucket.

import { AwsError } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { callerContext } from '../sts/caller.ts';
import type { IssuedCredentials } from '../sts/credentials.ts';
import { recordCall, type World } from '../world.ts';
import { reply, type S3Call } from './s3-call.ts';
import { S3Error, s3ErrorReply } from './s3-error.ts';
import { listObjects } from './s3-list.ts';
import { type BucketRecord, type StoredObject, toStored } from './s3-objects.ts';
import { decodeSegment, verifyS3 } from './s3-signature.ts';

/** One operation: what CloudTrail calls it, the permission, and what it does. */
interface S3Operation {
  readonly name: string;
  readonly action: string;
  run(call: S3Call): Reply;
}

const BUCKET_OPERATIONS: Readonly<Record<string, S3Operation>> = {
  GET: { name: 'ListObjects', action: 's3:ListBucket', run: listObjects },
  HEAD: {
    name: 'HeadBucket',
    action: 's3:ListBucket',
    run: ({ request, bucket }) => reply(request, '', { 'x-amz-bucket-region': bucket.region }),
  },
};
const OBJECT_OPERATIONS: Readonly<Record<string, S3Operation>> = {
  GET: { name: 'GetObject', action: 's3:GetObject', run: getObject },
  HEAD: { name: 'HeadObject', action: 's3:GetObject', run: getObject },
  PUT: { name: 'PutObject', action: 's3:PutObject', run: putObject },
};

/** Whether a request is for S3. */
export function isS3(world: World, request: ReceivedRequest): boolean {
  if (request.host.kind !== 'local') return request.host.kind === 's3';
  const credential = `${headerOf(request, 'authorization') ?? ''}${request.params.get('X-Amz-Credential') ?? ''}`;
  // The emulator cannot list all buckets, because `/` is the Query API.
  if (request.path === '/') return false;
  return credential.includes('/s3/aws4_request') || world.buckets.find(request.path.split('/')[1] ?? '') !== undefined;
}

/** Answers one request; a refusal is an answer too. */
export function answerS3(world: World, request: ReceivedRequest): Reply {
  const [, name = '', ...rest] = request.path.split('/');
  const bucket = world.buckets.find(name);
  const draft = newDraft();
  draft.requestParameters = { bucketName: name };
  const operation = (rest.join('/') === '' ? BUCKET_OPERATIONS : OBJECT_OPERATIONS)[request.method];
  const call = { source: 's3.amazonaws.com' as const, name: operation?.name ?? request.method, draft };
  try {
    const { caller, body } = verifyS3(world, request, bucket?.region ?? request.host.region);
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = bucket?.accountId ?? caller.principal.accountId;
    const key = rest.map(decodeSegment).join('/');
    if (key !== '') draft.requestParameters['key'] = key;
    const answer = run(world, { operation, caller, call: { request, key, body }, bucket, name });
    recordCall(world, request, call);
    return answer;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    return s3ErrorReply(request, error, bucket?.region);
  }
}

interface Wish {
  readonly operation: S3Operation | undefined;
  readonly caller: IssuedCredentials;
  readonly call: Omit<S3Call, 'bucket'>;
  readonly bucket: BucketRecord | undefined;
  readonly name: string;
}

/** @throws S3Error */
function run(world: World, { operation, caller, call, bucket, name }: Wish): Reply {
  if (operation === undefined) {
    throw new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  if (bucket === undefined) {
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
  }
  const partition = world.estate().partition;
  const resource = `arn:${partition}:s3:::${name}${call.key === '' ? '' : `/${call.key}`}`;
  const prefix = call.request.params.get('prefix');
  const context = callerContext(world, call.request, caller);
  if (prefix !== undefined) context.set('s3:prefix', [prefix]);
  const question = { action: operation.action, resource, context };
  // A caller of another account would need a bucket policy, which the emulator does not support.
  const isForeign = bucket.accountId !== caller.principal.accountId;
  const foreign = `because no resource-based policy allows the ${operation.action} action`;
  const why = whyNotPermitted(world, caller, question) ?? (isForeign ? foreign : undefined);
  if (why !== undefined) {
    const { arn } = caller.principal;
    const text = `User: ${arn} is not authorized to perform: ${operation.action} on resource: "${resource}" ${why}`;
    throw new S3Error(403, 'AccessDenied', text);
  }
  return operation.run({ ...call, bucket });
}

function getObject({ request, bucket, key }: S3Call): Reply {
  const found = bucket.objects.get(key);
  if (found === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
  return reply(request, request.method === 'HEAD' ? '' : found.body, describe(found));
}

function putObject({ request, bucket, key, body }: S3Call): Reply {
  if (headerOf(request, 'content-length') === undefined) {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const type = headerOf(request, 'content-type') ?? 'binary/octet-stream';
  const stored = toStored(body, type, request.now);
  bucket.objects.set(key, stored);
  return reply(request, '', { etag: stored.etag });
}

function describe({ body, contentType, etag, modifiedAt }: StoredObject): Record<string, string> {
  return {
    'content-type': contentType,
    'content-length': String(body.length),
    etag,
    'last-modified': modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
  };
}
