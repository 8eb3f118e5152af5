// S3: payloads, whole and in chunks, signed and not.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { elementText } from '../support/fixture.ts';
import { useInvoices } from '../support/invoices.ts';
import type { ServiceRequest } from '../support/sign-service.ts';

const { session, get, put } = useInvoices();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

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
    const chunkKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${session().secretAccessKey}`);
    return hmac(chunkKey, text.join('\n')).toString('hex');
  }
});
