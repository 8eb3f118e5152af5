// S3: who is let in and who is not, each refusal with one thing wrong, in S3's own words; listings; payloads.
import { createHash, createHmac } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../keys.ts';
import { type AwsEmulator, type Estate, startAws } from './server.ts';
import {
  ACCOUNT,
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  samlCall,
  sampleEstate,
  sampleParts,
} from './support/fixture.ts';
import { rawRequest } from './support/raw-request.ts';
import { callService, type ServiceRequest } from './support/sign-service.ts';

const LIST = { 'list-type': '2' };
const OPS = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'long-term-secret-of-the-user' };
const s3Allow = (...actions: string[]) => ({ Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/alice@example.com`;
let aws: AwsEmulator;
let key: string;
let base: Estate;
let session: Pick<ServiceRequest, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

/** The sample estate, with a bucket, and these policies on the role Developer. */
function estateWith(...policies: unknown[]): Estate {
  const [account, other] = base.accounts;
  const roles = account!.roles.map((role) => (role.name === 'Developer' ? { ...role, policies } : role));
  const objects = { 'a b+c.txt': 'signed', 'logs/1': '1', 'logs/2': '2', 'ümlaut/x': 'x' };
  const users = account!.users!.map((user) => ({ ...user, policies: [s3Allow('s3:*')] }));
  return {
    accounts: [
      { ...account!, roles, users, buckets: [{ name: 'invoices', region: 'eu-west-1', objects }] },
      { ...other!, buckets: [{ name: 'elsewhere', region: 'eu-west-1' }] },
    ],
  };
}

async function assume(members: Readonly<Record<string, string>> = {}) {
  const { text } = await postSts(aws, samlCall(sampleParts(), { key }, members));
  const of = (name: string) => elementText(text, name) ?? '';
  return { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey'), sessionToken: of('SessionToken') };
}

beforeAll(async () => {
  const pair = await makeKeyPair('s3');
  key = pair.key;
  base = sampleEstate(metadataFor(ISSUER, [pair]));
  aws = await startAws({ now: () => NOW, estate: estateWith(s3Allow('s3:*')) });
  session = await assume();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.setClockOffset(0);
  aws.setEstate(estateWith(s3Allow('s3:*')));
});

const wish = (changes: Partial<ServiceRequest> = {}): ServiceRequest => ({
  ...session,
  now: NOW,
  service: 's3',
  region: 'eu-west-1',
  path: '/invoices',
  query: LIST,
  ...changes,
});
const call = (changes: Partial<ServiceRequest> = {}) => callService(aws, wish(changes));
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const get = (path: string, changes: Partial<ServiceRequest> = {}) => call({ path, query: {}, ...changes });
const put = (path: string, body: string, changes: Partial<ServiceRequest> = {}) =>
  get(path, { method: 'PUT', body, ...changes });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('lists, gets and puts for a session whose policies allow it, and says who did', async () => {
  const listing = await call();
  expect(listing.status).toBe(200);
  expect([...listing.body.matchAll(/<Key>([^<]+)/g)].map(([, name]) => name)).toEqual([
    'a b+c.txt',
    'logs/1',
    'logs/2',
    'ümlaut/x',
  ]);
  const object = await get('/invoices/a%20b%2Bc.txt');
  expect([object.status, object.body, object.headers['content-type']]).toEqual([200, 'signed', 'text/plain']);
  const stored = await put('/invoices/new', 'hello', { headers: { 'content-type': 'text/x-test' } });
  expect([stored.status, stored.headers['etag']]).toEqual([200, '"5d41402abc4b2a76b9719d911017c592"']);
  const head = await get('/invoices/new', { method: 'HEAD' });
  expect([head.headers['content-length'], head.headers['content-type'], head.body]).toEqual(['5', 'text/x-test', '']);
  expect(aws.events.at(-1)).toMatchObject({
    eventSource: 's3.amazonaws.com',
    eventName: 'HeadObject',
    requestParameters: { bucketName: 'invoices', key: 'new' },
    userIdentity: { type: 'AssumedRole', arn: CALLER, accessKeyId: session.accessKeyId },
  });
  expect(await call({ ...OPS, sessionToken: undefined })).toMatchObject({ status: 200 });
});

test('pages, by prefix and delimiter too', async () => {
  const first = await call({ query: { ...LIST, delimiter: '/', 'max-keys': '2' } });
  expect(first.body).toContain('<KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>');
  expect(first.body).toContain('<CommonPrefixes><Prefix>logs/</Prefix></CommonPrefixes>');
  const token = elementText(first.body, 'NextContinuationToken')!;
  const second = await call({ query: { ...LIST, delimiter: '/', 'continuation-token': token } });
  expect(second.body).toContain('<Prefix>ümlaut/</Prefix>');
  expect(second.body).not.toContain('logs/');
  const some = await call({ query: { ...LIST, prefix: 'logs/', 'start-after': 'logs/1', 'encoding-type': 'url' } });
  expect([...some.body.matchAll(/<Key>([^<]+)/g)].map(([, name]) => name)).toEqual(['logs/2']);
});

describe('refuses', () => {
  const otherDay = (headers: Record<string, string>) => {
    headers['authorization'] = headers['authorization']!.replace(/\/\d{8}\//, '/20200101/');
  };
  const cases: [string, () => ReturnType<typeof call>, number, string, string][] = [
    ['no signature', () => call({ spoil: (h) => delete h['authorization'] }), 403, 'AccessDenied', 'Access Denied'],
    [
      'another scheme',
      () => call({ spoil: (h) => (h['authorization'] = 'Bearer x') }),
      400,
      'InvalidArgument',
      'Unsupported Authorization Type',
    ],
    [
      'a signature for another service',
      () => call({ service: 'lambda' }),
      400,
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed; incorrect service "lambda". This endpoint belongs to "s3".',
    ],
    [
      'a signature for another region',
      () => call({ region: 'us-east-1' }),
      400,
      'AuthorizationHeaderMalformed',
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    ],
    [
      'a scope of another day',
      () => call({ spoil: otherDay }),
      400,
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed; Invalid credential date "20200101". This date is not the same as X-Amz-Date: "20260301".',
    ],
    [
      'an unknown key',
      () => call({ accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }),
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ],
    [
      'a session key without its token',
      () => call({ sessionToken: undefined }),
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ],
    [
      'another token',
      () => call({ sessionToken: 'AAAA' }),
      400,
      'InvalidToken',
      'The provided token is malformed or otherwise invalid.',
    ],
    [
      'a clock that is late',
      () => call({ now: later(-901) }),
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    ],
    [
      'a clock that is early',
      () => call({ now: later(901) }),
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    ],
    [
      'another secret',
      () => call({ secretAccessKey: 'x' }),
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ],
    [
      'a header that was not signed',
      () => call({ spoil: (h) => (h['x-amz-acl'] = 'public-read') }),
      403,
      'AccessDenied',
      'There were headers present in the request which were not signed',
    ],
    [
      'a body without a word about it',
      () => call({ spoil: (h) => delete h['x-amz-content-sha256'] }),
      400,
      'InvalidRequest',
      'Missing required header for this request: x-amz-content-sha256',
    ],
    [
      'a body that is not the one that was signed',
      () => put('/invoices/new', 'hello', { headers: { 'x-amz-content-sha256': sha256('other') } }),
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ],
    [
      'a wrong checksum',
      () => put('/invoices/new', 'hello', { headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }),
      400,
      'BadDigest',
      'The CRC32 you specified did not match the calculated checksum.',
    ],
    ['a missing key', () => get('/invoices/none'), 404, 'NoSuchKey', 'The specified key does not exist.'],
    [
      'a missing bucket',
      () => get('/none', { region: 'us-east-1' }),
      404,
      'NoSuchBucket',
      'The specified bucket does not exist',
    ],
    [
      'another method',
      () => get('/invoices/new', { method: 'DELETE' }),
      405,
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
    ],
    [
      "another account's bucket",
      () => call({ path: '/elsewhere' }),
      403,
      'AccessDenied',
      `User: ${CALLER} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::elsewhere" because no resource-based policy allows the s3:ListBucket action`,
    ],
  ];
  test.each(cases)('%s', async (_name, send, status, code, message) => {
    const { body, ...answer } = await send();
    expect([answer.status, elementText(body, 'Code'), elementText(body, 'Message')]).toEqual([status, code, message]);
    expect(body).not.toContain(session.secretAccessKey);
  });

  test('credentials that have expired', async () => {
    aws.setClockOffset(3600);
    const { status, body } = await call({ now: later(3600) });
    expect([status, elementText(body, 'Code'), elementText(body, 'Message')]).toEqual([
      400,
      'ExpiredToken',
      'The provided token has expired.',
    ]);
  });
});

describe('presigned', () => {
  const presign = async (expiresIn: string, signedAt = NOW) => {
    const { accessKeyId, secretAccessKey, sessionToken } = session;
    const credentials = { accessKeyId, secretAccessKey, sessionToken: sessionToken! };
    const scope = { service: 's3', region: 'eu-west-1', credentials, sha256: Sha256, uriEscapePath: false };
    const { host, hostname } = new URL(aws.url);
    const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const request = { method: 'GET', protocol: 'http:', hostname, path: '/invoices/logs/1', headers, query: {} };
    const { query = {} } = await new SignatureV4(scope).presign(request, {
      signingDate: signedAt,
      expiresIn: Number(expiresIn),
      unhoistableHeaders: new Set(['x-amz-content-sha256']),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
    });
    return `/invoices/logs/1?${new URLSearchParams(query as Record<string, string>)}`.replaceAll('+', '%20');
  };
  const send = async (path: string) => {
    const { status, body } = await rawRequest(aws.url, { path });
    return [status, elementText(body, 'Code') ?? body, elementText(body, 'Message') ?? ''];
  };

  test('is good until it ends', async () => {
    expect(await send(await presign('3600'))).toEqual([200, '1', '']);
    expect(await send(await presign('3600', later(-3601)))).toEqual([403, 'AccessDenied', 'Request has expired']);
    expect(await send(await presign('60', later(901)))).toEqual([403, 'AccessDenied', 'Request is not valid yet']);
  });

  test('lasts a week at most, and only as it was signed', async () => {
    const path = await presign('604800');
    expect((await send(path))[0]).toBe(200);
    const longer = await send(path.replace('X-Amz-Expires=604800', 'X-Amz-Expires=604801'));
    expect(longer.slice(0, 2)).toEqual([400, 'AuthorizationQueryParametersError']);
    const shorter = await send(path.replace('X-Amz-Expires=604800', 'X-Amz-Expires=604799'));
    expect(shorter.slice(0, 2)).toEqual([403, 'SignatureDoesNotMatch']);
  });
});

describe('permissions', () => {
  const deny = { Statement: { Effect: 'Deny', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::invoices' } };
  const revoke = {
    Statement: {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': later(1).toISOString() } },
    },
  };
  const onlyLogs = {
    Statement: {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: '*',
      Condition: { StringLike: { 's3:prefix': 'logs/*' } },
    },
  };
  const cases: [string, unknown[], Record<string, string>, string][] = [
    ['no policy', [], {}, 'because no identity-based policy allows the s3:ListBucket action'],
    [
      'another action',
      [s3Allow('s3:GetObject')],
      {},
      'because no identity-based policy allows the s3:ListBucket action',
    ],
    ['an explicit deny', [s3Allow('s3:*'), deny], {}, 'with an explicit deny in an identity-based policy'],
    ['a revoked session (B12)', [s3Allow('s3:*'), revoke], {}, 'with an explicit deny in an identity-based policy'],
    ['a prefix that is not theirs', [onlyLogs], {}, 'because no identity-based policy allows the s3:ListBucket action'],
    [
      'a session policy that is silent',
      [s3Allow('s3:*')],
      { Policy: JSON.stringify(s3Allow('s3:GetObject')) },
      'because no session policy allows the s3:ListBucket action',
    ],
    [
      'a session policy that denies',
      [s3Allow('s3:*')],
      { Policy: JSON.stringify({ Statement: [...s3Allow('s3:*').Statement, deny.Statement] }) },
      'with an explicit deny in a session policy',
    ],
    [
      'a managed session policy for something else',
      [s3Allow('s3:*')],
      { 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/SomethingElse' },
      'because no session policy allows the s3:ListBucket action',
    ],
  ];
  test.each(cases)('%s refuses', async (_name, policies, members, why) => {
    const made = await assume(members);
    aws.setEstate(estateWith(...policies));
    const { status, body } = await call(made);
    expect([status, elementText(body, 'Message')]).toEqual([
      403,
      `User: ${CALLER} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::invoices" ${why}`,
    ]);
  });

  test('a prefix, and session policies that allow, let in', async () => {
    const made = await assume({
      Policy: JSON.stringify(s3Allow('s3:ListBucket')),
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    });
    aws.setEstate(estateWith(onlyLogs));
    expect((await call({ ...made, query: { ...LIST, prefix: 'logs/' } })).status).toBe(200);
  });
});

describe('payloads', () => {
  const signed = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  const chunked = (
    hash: string,
    body: string,
    length: string,
    spoil?: ServiceRequest['spoil'],
    path = '/invoices/chunked',
  ) =>
    put(path, body, {
      headers: {
        'x-amz-content-sha256': hash,
        'x-amz-decoded-content-length': length,
        'content-encoding': 'aws-chunked',
      },
      ...(spoil === undefined ? {} : { spoil }),
    });

  test('may stay unsigned', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect((await put('/invoices/unsigned', 'any', { headers })).status).toBe(200);
    expect((await get('/invoices/unsigned')).body).toBe('any');
  });

  test('come in chunks with a checksum behind', async () => {
    const unsigned = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
    const body = (sum: string) => `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${sum}\r\n\r\n`;
    expect((await chunked(unsigned, body('NhCmhg=='), '5', undefined, '/invoices/plain')).status).toBe(200);
    expect((await get('/invoices/plain')).body).toBe('hello');
    const wrong = await chunked(unsigned, body('AAAAAA=='), '5');
    expect([wrong.status, elementText(wrong.body, 'Code')]).toEqual([400, 'BadDigest']);
    const short = await chunked(unsigned, body('NhCmhg=='), '6');
    expect([short.status, elementText(short.body, 'Code')]).toEqual([400, 'IncompleteBody']);
  });

  test('in signed chunks need each signature', async () => {
    const body = (first: string, last: string) =>
      `5;chunk-signature=${first}\r\nhello\r\n0;chunk-signature=${last}\r\n\r\n`;
    const none = '0'.repeat(64);
    let seed = '';
    const refused = await chunked(signed, body(none, none), '5', (headers) => {
      seed = /Signature=(\w+)/.exec(headers['authorization']!)![1]!;
    });
    expect([refused.status, elementText(refused.body, 'Code')]).toEqual([403, 'SignatureDoesNotMatch']);
    expect((await get('/invoices/chunked')).status).toBe(404);
    const first = signChunk(seed, 'hello');
    expect((await chunked(signed, body(first, none), '5')).status).toBe(403);
    expect((await chunked(signed, body(first, signChunk(first, '')), '5')).status).toBe(200);
    expect((await get('/invoices/chunked')).body).toBe('hello');
  });

  function signChunk(previous: string, data: string): string {
    const scope = '20260301/eu-west-1/s3/aws4_request';
    const text = ['AWS4-HMAC-SHA256-PAYLOAD', '20260301T120000Z', scope, previous, sha256(''), sha256(data)];
    const hmac = (hmacKey: string | Buffer, part: string) => createHmac('sha256', hmacKey).update(part).digest();
    const chunkKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${session.secretAccessKey}`);
    return hmac(chunkKey, text.join('\n')).toString('hex');
  }
});
