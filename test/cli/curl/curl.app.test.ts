// `rolegate curl` against S3 and function URLs that verify every signature with independent code.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionUrlEvent } from '../../../emulators/aws/lambda/lambda-functions.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../emulators/aws/server.ts';
import {
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  ROLE,
  samlCall,
  sampleEstate,
  sampleParts,
} from '../../../emulators/test/aws/support/fixture.ts';
import { writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { cacheFor } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const broker = 'https://broker.example.com';
let aws: AwsEmulator;
let other: Server;
let otherUrl: string;
let machine: Machine;
let credentials: Credentials;
let received: FunctionUrlEvent | undefined;
/** What the server that is not AWS was sent. */
let seen: IncomingMessage[] = [];

function estate(metadata: string): Estate {
  const [account] = sampleEstate(metadata).accounts;
  const policies = [{ Statement: { Effect: 'Allow', Action: ['s3:*', 'lambda:*'], Resource: '*' } }];
  const handler = (event: FunctionUrlEvent) => {
    received = event;
    return { statusCode: 418, headers: { 'x-made-by': 'function' }, body: `got ${event.body ?? 'nothing'}` };
  };
  const report = { name: 'report', urlId: 'abc123', region: 'eu-west-1', authType: 'AWS_IAM' as const, handler };
  return {
    accounts: [
      {
        ...account!,
        roles: account!.roles.map((role) => ({ ...role, policies })),
        buckets: [{ name: 'invoices', region: 'eu-west-1', objects: { 'a b+c.txt': 'signed' } }],
        functions: [report],
      },
    ],
  };
}

beforeAll(async () => {
  const pair = keyPair('minting');
  aws = await startAws({ now: () => NOW, estate: estate(metadataFor(ISSUER, [pair])) });
  const { text } = await postSts(aws, samlCall(sampleParts(), { key: pair.key }));
  const of = (name: string) => elementText(text, name)!;
  credentials = {
    ...{ Version: 1, RoleArn: ROLE, AssumedRoleArn: of('Arn'), DurationSeconds: 3600, DurationLimitedBy: 'rule' },
    ...{ AccessKeyId: of('AccessKeyId'), SecretAccessKey: of('SecretAccessKey'), SessionToken: of('SessionToken') },
    Expiration: of('Expiration'),
  };
  other = createServer((request, response) => {
    seen.push(request);
    if (request.url === '/large') {
      // As much as came in goes out: more than any bound on the broker's answers.
      request.pipe(response);
      return;
    }
    if (request.url === '/moved') response.writeHead(307, { location: `${aws.url}/invoices` });
    response.end('not AWS');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await aws.close();
  other.closeAllConnections();
  other.close();
});

beforeEach(() => {
  aws.setClockOffset(0);
  machine?.remove();
  machine = createMachine({ clock: { now: () => NOW } });
  cacheFor(machine.context, broker);
  writeCached(machine.context, { broker, roleArn: ROLE }, credentials);
  received = undefined;
  seen = [];
});
afterAll(() => machine.remove());

const s3 = ['--service', 's3', '--region', 'eu-west-1'];
const lambda = ['--service', 'lambda', '--region', 'eu-west-1'];
const curl = async (...args: string[]): Promise<string> => {
  await runProgram(machine.context, ['curl', '--broker', broker, '--role', ROLE, ...args]);
  return machine.takeStdout();
};
const failing = (...args: string[]) =>
  curl(...args).then(
    () => ({ exit: 'ok', message: '' }),
    (error: { exit: string; message: string }) => error,
  );

describe('S3', () => {
  test('lists and gets; the path is encoded as S3 reads it, however it was written', async () => {
    expect(await curl(...s3, `${aws.url}/invoices?list-type=2&prefix=a b`)).toContain('<Key>a b+c.txt</Key>');
    for (const path of ['a b+c.txt', 'a%20b%2Bc.txt', 'a%20b+c.txt']) {
      expect(await curl(...s3, `${aws.url}/invoices/${path}`)).toBe('signed');
    }
  });

  test('puts a file, a text and standard input, hashed or unsigned', async () => {
    const large = Buffer.alloc(900_000, 'rolegate');
    const file = join(machine.home, 'large');
    const back = join(machine.home, 'back');
    writeFileSync(file, large);
    await curl(...s3, '-f', '-T', file, `${aws.url}/invoices/large (1)!`);
    await curl(...s3, '-f', '-o', back, `${aws.url}/invoices/large (1)!`);
    expect(sha256(readFileSync(back))).toBe(sha256(large));
    await curl(...s3, '-f', '-X', 'PUT', '-H', 'Content-Type: text/x-test', '-d', 'text', `${aws.url}/invoices/text`);
    const head = await curl(...s3, '-i', `${aws.url}/invoices/text`);
    expect(head).toMatch(/^HTTP\/1\.1 200\r\n/);
    expect(head).toContain('content-type: text/x-test\r\n');
    expect(head.endsWith('\r\n\r\ntext')).toBe(true);
    machine.context.stdin.push('piped');
    machine.context.stdin.push(null);
    await curl(...s3, '-f', '--unsigned-payload', '-T', '-', `${aws.url}/invoices/piped`);
    expect(await curl(...s3, `${aws.url}/invoices/piped`)).toBe('piped');
  });

  test('an empty PUT says its length', async () => {
    await curl(...s3, '-f', '-X', 'PUT', `${aws.url}/invoices/empty`);
    expect(await curl(...s3, '-f', `${aws.url}/invoices/empty`)).toBe('');
  });
});

describe('a function URL', () => {
  const url = () => `${aws.url}/lambda-url/abc123/a (b)/c?x=1&y=a+b&x=0&z`;

  test('is called with method, headers and body, and answers as the function does', async () => {
    expect(await curl(...lambda, '-H', 'Content-Type: text/plain', '-H', 'X-Two: a', '-d', 'text', url())).toBe(
      'got text',
    );
    expect(received).toMatchObject({
      rawPath: '/a%20%28b%29/c',
      rawQueryString: 'x=1&y=a%20b&x=0&z=',
      headers: { 'content-type': 'text/plain', 'x-two': 'a' },
      requestContext: { http: { method: 'POST' }, authorizer: { iam: { userArn: credentials.AssumedRoleArn } } },
    });
    expect(await curl(...lambda, url())).toBe('got nothing');
  });

  test('with --fail the body of a failed request is not printed', async () => {
    expect(await failing(...lambda, '--fail', '-d', 'x', url())).toMatchObject({
      exit: 'failed',
      message: `${new URL(aws.url).host} answered 418: got x`,
    });
    expect(machine.takeStdout()).toBe('');
  });
});

describe('secrets', () => {
  test('--verbose shows both heads without it', async () => {
    await curl(...s3, '-v', '-H', 'X-Api-Key: of-somebody', `${aws.url}/invoices/a b+c.txt`);
    const shown = machine.takeStderr();
    expect(shown).toContain('> GET /invoices/a%20b%2Bc.txt HTTP/1.1');
    expect(shown).toContain('> authorization: REDACTED');
    expect(shown).toContain('> x-amz-security-token: REDACTED');
    expect(shown).toContain('< HTTP/1.1 200');
    expect(shown).not.toContain(credentials.SessionToken);
    expect(shown).not.toContain('of-somebody');
    expect(shown).not.toMatch(/Signature=|Credential=/);
  });

  test('of an error of S3, which repeats what was signed, three elements are shown', async () => {
    writeCached(machine.context, { broker, roleArn: ROLE }, { ...credentials, SecretAccessKey: 'wrong' });
    const { exit, message } = await failing(...s3, '--fail', `${aws.url}/invoices/a`);
    expect(exit).toBe('denied');
    expect(message).toMatch(/ answered 403: SignatureDoesNotMatch The request signature /);
    expect(message).not.toContain('x-amz-security-token');
    const shown = await curl(...s3, `${aws.url}/invoices/a`);
    expect(shown).toMatch(
      /^<Error><Code>SignatureDoesNotMatch<\/Code><Message>[^<]+<\/Message>(<RequestId>[^<]+<\/RequestId>)?<\/Error>\n$/,
    );
  });

  test('no redirect is followed, and the person is told', async () => {
    expect(await curl(...lambda, `${otherUrl}/moved`)).toBe('not AWS');
    expect(machine.takeStderr()).toContain('a redirect, which is not followed');
    expect(seen).toHaveLength(1);
  });

  test('plain http to this machine passes no proxy', async () => {
    machine.remove();
    machine = createMachine({ clock: { now: () => NOW }, env: { HTTP_PROXY: otherUrl, http_proxy: otherUrl } });
    cacheFor(machine.context, broker);
    writeCached(machine.context, { broker, roleArn: ROLE }, credentials);
    expect(await curl(...s3, `${aws.url}/invoices/a b+c.txt`)).toBe('signed');
    expect(seen).toEqual([]);
  });

  test('the environment and the machine send nothing along', async () => {
    await curl(...lambda, `${otherUrl}/x`);
    expect(Object.keys(seen[0]!.headers).sort()).toEqual([
      'authorization',
      'connection',
      'host',
      'user-agent',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
    ]);
  });
});

test('bodies and answers are streams without a bound', async () => {
  const [file, back] = [join(machine.home, 'large'), join(machine.home, 'back')];
  const large = Buffer.alloc(40 * 1024 * 1024, 'rolegate ');
  writeFileSync(file, large);
  await curl(...lambda, '-T', file, '-o', back, `${otherUrl}/large`);
  expect(seen[0]!.headers).toMatchObject({
    'content-length': String(large.length),
    'x-amz-content-sha256': sha256(large),
  });
  expect(sha256(readFileSync(back))).toBe(sha256(large));
});

test('a clock that is off is named', async () => {
  aws.setClockOffset(1800);
  expect(await curl(...s3, `${aws.url}/invoices/a b+c.txt`)).toContain('<Code>RequestTimeTooSkewed</Code>');
  expect(machine.takeStderr()).toContain("this machine's clock is 30 minutes behind 127.0.0.1");
});

describe('refuses before anything is sent', () => {
  const cases: [string, string[], RegExp][] = [
    ['http beyond this machine', [...s3, 'http://s3.eu-west-1.amazonaws.com/b'], /over https only/],
    ['another scheme', [...s3, 'ftp://127.0.0.1/b'], /over https only/],
    ['what is no URL', [...s3, 'bucket/key'], /is not a URL/],
    ['must not contain a user name', [...s3, 'https://a@s3.eu-west-1.amazonaws.com/b'], /user name/],
    ['a presigned URL', ['https://s3.eu-west-1.amazonaws.com/b?X-Amz-Signature=0'], /signed already/],
    ['an unknown host without a service', ['https://api.corp.example/x'], /give --service/],
    ['an unknown host without a region', ['--service', 's3', 'https://files.corp.example/x'], /give --region/],
    ['a header of the signature', ['-H', 'X-Amz-Date: now', ...s3, 'https://h/b'], /is set by the signature/],
    ['a header that decides the framing', ['-H', 'Transfer-Encoding: chunked', ...s3, 'https://h/b'], /is set by/],
    ['a header with a line end', ['-H', 'X-A: 1\r\nX-B: 2', ...s3, 'https://h/b'], /written as "Name: value"/],
    ['a method that is none', ['-X', 'GET / HTTP', ...s3, 'https://h/b'], /is not a method/],
    ['two bodies', ['-d', 'x', '-T', 'y', ...s3, 'https://h/b'], /one body/],
    ['two texts', ['-d', 'x', '--data-binary', 'y', ...s3, 'https://h/b'], /one body/],
    ['a file that is not there', ['-T', '/nowhere/x', ...s3, 'https://h/b'], /cannot be read/],
    ['a folder', ['-T', '/', ...s3, 'https://h/b'], /is not a file/],
    ['an unsigned body but for S3', ['--unsigned-payload', ...lambda, 'https://h/b'], /only S3/],
  ];
  test.each(cases)('%s', async (_name, args, message) => {
    expect(await failing(...args)).toMatchObject({ exit: 'usage', message: expect.stringMatching(message) });
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
