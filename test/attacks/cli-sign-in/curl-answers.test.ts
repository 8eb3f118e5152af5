// `rolegate curl` and a server that repeats what it was sent, or writes what a terminal would obey.
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { cacheFor } from '../../cli/support/broker.ts';
import { createMachine, type Machine } from '../../cli/support/machine.ts';

const broker = 'https://broker.example.com';
const roleArn = 'arn:aws:iam::111122223333:role/Developer';
const token = `IQoJb3JpZ2luX2VjE/+${'Ab3/+9'.repeat(60)}==`;
const credentials: Credentials = {
  ...{ Version: 1, RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, DurationLimitedBy: 'rule' },
  ...{ AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', SessionToken: token, Expiration: '2099-01-01T00:00:00Z' },
};

let server: Server;
let url: string;
let answer: (headers: IncomingHttpHeaders, response: ServerResponse) => void;
let machine: Machine;
beforeAll(async () => {
  server = createServer((request, response) => answer(request.headers, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  machine = createMachine();
  cacheFor(machine.context, broker);
  writeCached(machine.context, { broker, roleArn }, credentials);
});
afterEach(() => machine.remove());

/** All that a person sees. */
async function curl(...options: string[]): Promise<string> {
  const words = ['curl', '--broker', broker, '--role', roleArn, '--service', 's3', '--region', 'eu-west-1'];
  const failed = await runProgram(machine.context, [...words, ...options, url]).then(
    () => '',
    (error: Error) => error.message,
  );
  return machine.takeStdout() + machine.takeStderr() + failed;
}

const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const hexPairs = (text: string, separator: string) =>
  Buffer.from(text)
    .toString('hex')
    .replace(/(..)(?!$)/g, `$1${separator}`);
const forms: [string, (text: string) => string | Buffer][] = [
  ['as it is', (text) => text],
  ['in hexadecimal', (text) => hexPairs(text, '')],
  ['in hexadecimal with spaces, as S3 does', (text) => hexPairs(text, ' ')],
  ['in hexadecimal with colons, capital', (text) => hexPairs(text, ':').toUpperCase()],
  ['URL-encoded', (text) => encodeURIComponent(text)],
  ['URL-encoded twice', (text) => encodeURIComponent(encodeURIComponent(text))],
  ['each byte URL-encoded', percent],
  ['in Base64', (text) => Buffer.from(text).toString('base64')],
  ['in Base64 behind one byte', (text) => Buffer.from(`x${text}`).toString('base64')],
  ['in Base64 behind two bytes, for URLs', (text) => Buffer.from(`xy${text}!`).toString('base64url')],
  ['in lines of Base64', (text) => Buffer.from(text).toString('base64').replace(/.{64}/g, '$&\r\n')],
  ['with JSON escapes', (text) => JSON.stringify(text).replaceAll('/', '\\/').replaceAll('+', '\\u002b')],
  ['with XML escapes', (text) => text.replaceAll('+', '&#x2B;').replaceAll('=', '&#61;')],
  ['in UTF-16', (text) => Buffer.from(text, 'utf16le')],
];

describe.each(forms)('the session token %s', (_, form) => {
  const written = (text: string) => form(text).toString('latin1');

  test.each([['--fail'], ['--include']])('is not shown, where an XML error repeats it (%s)', async (option) => {
    answer = ({ 'x-amz-security-token': sent }, response) => {
      const [before, after] = ['<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Details>', '</Details>'];
      response.writeHead(403);
      response.end(Buffer.concat([before, form(String(sent)), `${after}</Error>`].map((each) => Buffer.from(each))));
    };
    const shown = await curl(option);
    expect(shown).toContain('SignatureDoesNotMatch');
    expect(shown).not.toContain(written(token).slice(8, 40));
  });

  test.each([['--fail'], ['--include']])('is not shown, where any other error repeats it (%s)', async (option) => {
    answer = ({ 'x-amz-security-token': sent }, response) => {
      response.writeHead(400).end(Buffer.concat([Buffer.from('you sent '), Buffer.from(form(String(sent)))]));
    };
    const shown = await curl(option);
    expect(shown).toContain('(not shown: it repeats the session token)');
    expect(shown).not.toContain(written(token).slice(8, 40));
  });
});

test('the session token is not shown, where a message or a header repeats it', async () => {
  answer = ({ 'x-amz-security-token': sent }, response) => {
    response.writeHead(403, { 'x-you-sent': String(sent) });
    response.end(`<Error><Code>X</Code><Message>you sent ${sent}</Message><RequestId>${sent}</RequestId></Error>`);
  };
  for (const option of ['--fail', '--include', '--verbose'])
    expect(await curl(option)).not.toContain(token.slice(8, 40));
});

test('an error that is not AWS\u2019s, and repeats nothing, is shown as it came', async () => {
  const page = Buffer.from([0xff, 0xd8, 0x00, 0x0a, 0x31]);
  answer = (_headers, response) => response.writeHead(404).end(page);
  const chunks: Buffer[] = [];
  machine.context.stdout.on('pipe', (from) => from.on('data', (chunk: Buffer) => chunks.push(chunk)));
  await curl();
  expect(Buffer.concat(chunks)).toEqual(page);
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

test.each([[200], [404]])('a header writes no control character to the terminal (%i)', async (status) => {
  answer = (_headers, response) => {
    response.socket?.write(
      Buffer.from(
        `HTTP/1.1 ${status} OK\r\nX-Note: a\x9b31mb\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`,
        'latin1',
      ),
    );
  };
  const shown = await curl('--include');
  expect(shown).toContain('31mb');
  expect(shown.replaceAll('\r\n', '\n')).not.toMatch(controls);
});

test('neither does a body, on a terminal; elsewhere it goes out as it came', async () => {
  const hostile = 'one\u001b]0;owned\u0007\u009b2J\u202e\r\ntwo\tthree é';
  answer = (_headers, response) => response.end(hostile);
  expect(await curl()).toBe(hostile);
  Object.assign(machine.context.stdout, { isTTY: true });
  const shown = await curl();
  expect(shown).not.toMatch(controls);
  expect(shown).toMatch(/^one.*\ntwo\tthree é$/);
});
