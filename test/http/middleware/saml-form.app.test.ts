import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express, { type ErrorRequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samlForm } from '../../../src/http/middleware/saml-form.ts';

const formType = 'application/x-www-form-urlencoded';
const refused: { status: unknown }[] = [];
const app = express();
const answerStatus: ErrorRequestHandler = (error: { status: number }, _request, response, _next) => {
  refused.push(error);
  response.status(error.status).json({});
};
app.post('/', samlForm(1000), (incoming, response) => void response.json({ body: incoming.body ?? null }));
app.use(answerStatus);
let server: ReturnType<typeof app.listen>;
let port = 0;

beforeAll(async () => {
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());

async function send(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const options = { method: 'POST', headers: { 'content-type': formType, ...headers }, body };
  const answer = await fetch(`http://127.0.0.1:${port}/`, options);
  return { status: answer.status, ...((await answer.json()) as { body?: unknown }) };
}

describe('a form is read', () => {
  test.each<[string, string, unknown]>([
    [
      'with escaped base64',
      'SAMLResponse=a%2Bb%2Fc%3D%3D&RelayState=x-_y',
      { SAMLResponse: 'a+b/c==', RelayState: 'x-_y' },
    ],
    ['with escapes in lower case', 'SAMLResponse=a%2bb%2fc%3d', { SAMLResponse: 'a+b/c=' }],
    ['without escapes: a plus sign is a space', 'SAMLResponse=a+b/c==', { SAMLResponse: 'a b/c==' }],
    ['with each escape read once', 'RelayState=%252B%25&a=%25%32%42', { RelayState: '%2B%', a: '%2B' }],
    ['with line breaks', 'SAMLResponse=a%0D%0Ab', { SAMLResponse: 'a\r\nb' }],
    ['with an escaped name', 'SAML%52esponse=a', { SAMLResponse: 'a' }],
    ['with UTF-8, escaped and not', 'RelayState=%C3%A4ä', { RelayState: 'ää' }],
    ['with a field that stands twice', 'a=1&b=2&a=3', { a: ['1', '3'], b: '2' }],
    ['with a field three times', 'a=1&a=&a=3', { a: ['1', '', '3'] }],
    ['with an empty value, without a value, with a second =', 'a=&b&c=d=e', { a: '', b: '', c: 'd=e' }],
    ['with names of objects', '__proto__=a&toString=b', JSON.parse('{"__proto__":"a","toString":"b"}')],
    ['with ten fields', 'a=1&'.repeat(9).concat('b=2'), { a: Array(9).fill('1'), b: '2' }],
    ['as long as it may be', `a=${'x'.repeat(998)}`, { a: 'x'.repeat(998) }],
    ['that is empty', '', {}],
  ])('%s', async (_, body, fields) => {
    expect(await send(body)).toEqual({ status: 200, body: fields });
  });

  test('whatever charset it says it is in, and however the type is written', async () => {
    const types = [`${formType}; charset=windows-1252`, 'Application/X-WWW-Form-URLEncoded;charset=x'];
    for (const type of types) {
      expect(await send('a=%C3%A4', { 'content-type': type })).toEqual({ status: 200, body: { a: 'ä' } });
    }
  });

  test('that comes in pieces', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'content-type': formType };
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('end', () => resolve(text));
      });
      outgoing.on('error', reject);
      outgoing.write('a=%2');
      setImmediate(() => outgoing.end('B&b=1'));
    });
    expect(JSON.parse(answer)).toEqual({ body: { a: '+', b: '1' } });
  });
});

describe('refused is', () => {
  test.each<[string, number, string | Uint8Array<ArrayBuffer>, Record<string, string>]>([
    ['one byte too many', 413, `a=${'x'.repeat(999)}`, {}],
    ['much more than may be', 413, 'x'.repeat(3_000_000), {}],
    ['an eleventh field', 413, 'a=1&'.repeat(10).concat('b=2'), {}],
    ['an escape that is none', 400, 'a=%G1', {}],
    ['an escape that is cut off', 400, 'a=b%2', {}],
    ['escapes that are not UTF-8', 400, 'a=%FF', {}],
    ['a compressed body', 415, new Uint8Array(gzipSync('a=1')), { 'content-encoding': 'gzip' }],
  ])('%s', async (_, status, body, headers) => {
    expect((await send(body, headers)).status).toBe(status);
  });

  test('a body that ends too early', async () => {
    const count = refused.length;
    const headers = { 'content-type': formType, 'content-length': '100' };
    const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers });
    outgoing.on('error', () => {});
    outgoing.write('a=1');
    await new Promise((resolve) => setTimeout(resolve, 50));
    outgoing.destroy();
    await expect.poll(() => refused.slice(count)).toMatchObject([{ status: 400 }]);
  });
});

test('a body of another type is left alone', async () => {
  expect(await send('{}', { 'content-type': 'text/plain' })).toEqual({ status: 200, body: null });
});
