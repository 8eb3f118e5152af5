// Rows T1 to T7: what the Query protocol answers before an operation looks at its request.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../test/support/key-pairs.ts';
import { type AwsEmulator, startAws } from '../../aws/server.ts';
import {
  ACCOUNT,
  ISSUER,
  metadataFor,
  NOW,
  PROVIDER,
  postSts,
  ROLE,
  readAnswer,
  type StsAnswer,
  samlCall,
  sampleEstate,
  sampleParts,
} from './support/fixture.ts';
import { postForm, rawRequest } from './support/raw-request.ts';

let aws: AwsEmulator;
let key: string;

beforeAll(async () => {
  const pair = keyPair('minting');
  key = pair.key;
  const estate = sampleEstate(metadataFor(ISSUER, [pair]));
  aws = await startAws({ now: () => NOW, estate, quota: { requestsPerSecond: 200 } });
});
afterAll(() => aws.close());

const call = (members: Readonly<Record<string, string>> = {}): Record<string, string> =>
  samlCall(sampleParts(), { key }, members);
const NULL = 'failed to satisfy constraint: Member must not be null';
const PATTERN = '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+';

type Members = Readonly<Record<string, string>>;
const cases: readonly (readonly [string, () => Members, number, string, string])[] = [
  ['T1 no Action', () => ({}), 400, 'MissingAction', 'The request must contain the parameter Action'],
  [
    'T1 an unknown Action',
    () => call({ Action: 'AssumeEverything' }),
    400,
    'InvalidAction',
    'Could not find operation AssumeEverything for version 2011-06-15',
  ],
  [
    'T1 an Action inherited from Object',
    () => call({ Action: 'toString' }),
    400,
    'InvalidAction',
    'Could not find operation toString for version 2011-06-15',
  ],
  [
    'T1 another Version',
    () => call({ Version: '2010-05-08' }),
    400,
    'InvalidAction',
    'Could not find operation AssumeRoleWithSAML for version 2010-05-08',
  ],
  [
    'T2 every required member missing',
    () => ({ Action: 'AssumeRoleWithSAML', Version: '2011-06-15' }),
    400,
    'ValidationError',
    `3 validation errors detected: Value null at 'roleArn' ${NULL}; Value null at 'principalArn' ${NULL}; Value null at 'sAMLAssertion' ${NULL}`,
  ],
  [
    'T3 a RoleArn that is too short',
    () => call({ RoleArn: 'arn:aws:iam' }),
    400,
    'ValidationError',
    "1 validation error detected: Value 'arn:aws:iam' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
  ],
  [
    'T3 a RoleArn with a character no ARN has',
    () => call({ RoleArn: `${ROLE}\u0000` }),
    400,
    'ValidationError',
    `1 validation error detected: Value '${ROLE}?' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ${PATTERN}`,
  ],
  [
    'T3 a DurationSeconds that is no integer',
    () => call({ DurationSeconds: '1h' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '1h' at 'durationSeconds' failed to satisfy constraint: Member must be an integer",
  ],
  [
    'T4 a SAMLAssertion that is too short',
    () => call({ SAMLAssertion: 'abc' }),
    400,
    'ValidationError',
    "1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length greater than or equal to 4",
  ],
  [
    'T4 a SAMLAssertion that is too long',
    () => call({ SAMLAssertion: 'A'.repeat(100_001) }),
    400,
    'ValidationError',
    "1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length less than or equal to 100000",
  ],
];

describe('the Query protocol', () => {
  for (const [name, members, status, code, message] of cases) {
    test(name, async () => {
      const answer = await postSts(aws, members());
      expect([answer.status, answer.code, answer.message]).toEqual([status, code, message]);
    });
  }

  test('takes GET with a query as well as POST with a form', async () => {
    const query = new URLSearchParams(call());
    const answer = await readAnswer(await fetch(`${aws.url}/?${query}`));
    expect(answer.status).toBe(200);
  });

  test('refuses a parameter that comes twice', async () => {
    const { status, body } = await postForm(aws.url, `/?RoleArn=${ROLE}`, call());
    expect(status).toBe(400);
    expect(body).toContain('Parameter RoleArn was sent more than once');
  });

  test('gives errors the form of the service, with one request id in header and body', async () => {
    const { text, headers } = await postSts(aws, {});
    expect(text).toMatch(
      /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">\s*<Error>\s*<Type>Sender<\/Type>\s*<Code>MissingAction<\/Code>\s*<Message>[^<]+<\/Message>\s*<\/Error>\s*<RequestId>[0-9a-f-]{36}<\/RequestId>\s*<\/ErrorResponse>\s*$/,
    );
    expect(text).toContain(headers.get('x-amzn-requestid'));
  });

  test('answers a body that is too large with 413, other methods with 405, other paths with 404', async () => {
    expect((await postForm(aws.url, '/', { Action: 'A'.repeat(1_100_000) })).status).toBe(413);
    expect((await rawRequest(aws.url, { method: 'DELETE', path: '/' })).status).toBe(405);
    expect((await rawRequest(aws.url, { path: '/elsewhere' })).status).toBe(404);
  });
});

describe('T7: a region that the account of the role switched off', () => {
  const inRegion = async (region: string, members: Members): Promise<StsAnswer> => {
    const { status, body } = await postForm(aws.url, '/', members, { host: `sts.${region}.amazonaws.com` });
    return readAnswer(new Response(body, { status }));
  };

  test('is refused before the provider is looked up', async () => {
    const answer = await inRegion('eu-south-1', call({ PrincipalArn: `${PROVIDER}x` }));
    expect([answer.status, answer.code]).toEqual([403, 'RegionDisabledException']);
    expect(answer.message).toBe(
      `STS is not activated in this region for account:${ACCOUNT}. Your account administrator can activate STS in this region using the IAM Console.`,
    );
  });

  test('is not checked in another region', async () => {
    expect((await inRegion('eu-west-1', call())).status).toBe(200);
    expect(aws.events.at(-1)?.awsRegion).toBe('eu-west-1');
  });
});

describe('faults and quota', () => {
  test('T5 every n-th request is throttled, in the order they come', async () => {
    aws.faults.set({ throttleEvery: 2 });
    const codes: string[] = [];
    for (let index = 0; index < 4; index += 1) codes.push((await postSts(aws, call())).code);
    aws.faults.clear();
    expect(codes).toEqual(['ok', 'Throttling', 'ok', 'Throttling']);
    expect((await postSts(aws, call())).code).toBe('ok');
  });

  test('T5 the quota of an account and region is kept apart from others', async () => {
    const small = await startAws({ now: () => NOW, estate: { accounts: [] }, quota: { requestsPerSecond: 1 } });
    const other = call({ RoleArn: ROLE.replace(ACCOUNT, '444455556666') });
    const codes = [await postSts(small, call()), await postSts(small, call()), await postSts(small, other)];
    await small.close();
    expect(codes.map((answer) => answer.code)).toEqual(['InvalidIdentityToken', 'Throttling', 'InvalidIdentityToken']);
    expect(codes[1]?.message).toBe('Rate exceeded');
  });

  test('T6 outages name the receiver, and end after the wanted number of requests', async () => {
    aws.faults.set({ status: 503, times: 1 });
    const outage = await postSts(aws, call());
    expect([outage.status, outage.code]).toEqual([503, 'ServiceUnavailable']);
    expect(outage.text).toContain('<Type>Receiver</Type>');
    expect((await postSts(aws, call())).status).toBe(200);
    aws.faults.set({ status: 500, times: 1 });
    expect((await postSts(aws, call())).code).toBe('InternalFailure');
  });

  test('a reset cuts the connection, latency delays the answer, a scope leaves the other endpoint alone', async () => {
    aws.faults.set({ reset: true, times: 1 });
    await expect(postForm(aws.url, '/', call())).rejects.toThrow();
    aws.faults.set({ latencyMs: 50, times: 1 });
    const start = performance.now();
    await postSts(aws, call());
    expect(performance.now() - start).toBeGreaterThan(45);
    aws.faults.set({ status: 500, scope: 'signin' });
    expect((await postSts(aws, call())).status).toBe(200);
    expect((await rawRequest(aws.url, { path: '/federation' })).status).toBe(500);
    aws.faults.clear();
  });
});
