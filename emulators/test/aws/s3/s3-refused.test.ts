// S3: who is not let in, each refusal with one thing wrong, in S3's own words.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { elementText } from '../support/fixture.ts';
import { CALLER, later, useInvoices } from '../support/invoices.ts';

const { aws, session, call, get, put } = useInvoices();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

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
    expect(body).not.toContain(session().secretAccessKey);
  });

  test('credentials that have expired', async () => {
    aws().setClockOffset(3600);
    const { status, body } = await call({ now: later(3600) });
    expect([status, elementText(body, 'Code'), elementText(body, 'Message')]).toEqual([
      400,
      'ExpiredToken',
      'The provided token has expired.',
    ]);
  });
});
