// S3: what a session may do with a bucket, listings, presigned addresses.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { elementText, NOW } from '../support/fixture.ts';
import { CALLER, LIST, later, useInvoices } from '../support/invoices.ts';
import { rawRequest } from '../support/raw-request.ts';

const OPS = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'long-term-secret-of-the-user' };
const { aws, session, call, get, put } = useInvoices();

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
  expect(aws().events.at(-1)).toMatchObject({
    eventSource: 's3.amazonaws.com',
    eventName: 'HeadObject',
    requestParameters: { bucketName: 'invoices', key: 'new' },
    userIdentity: { type: 'AssumedRole', arn: CALLER, accessKeyId: session().accessKeyId },
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

describe('presigned', () => {
  const presign = async (expiresIn: string, signedAt = NOW) => {
    const { accessKeyId, secretAccessKey, sessionToken } = session();
    const credentials = { accessKeyId, secretAccessKey, sessionToken: sessionToken! };
    const scope = { service: 's3', region: 'eu-west-1', credentials, sha256: Sha256, uriEscapePath: false };
    const { host, hostname } = new URL(aws().url);
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
    const { status, body } = await rawRequest(aws().url, { path });
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
