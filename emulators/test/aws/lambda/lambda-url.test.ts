// Function URLs: who is let in, what the function learns, and how each refusal reads; under a local name and their own.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import type { FunctionUrlEvent } from '../../../aws/lambda/lambda-functions.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../aws/server.ts';
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
} from '../support/fixture.ts';
import { rawRequest } from '../support/raw-request.ts';
import { callService, type ServiceRequest } from '../support/sign-service.ts';

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';
const BOTH = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];
let aws: AwsEmulator;
let base: Estate;
let session: Pick<ServiceRequest, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;
let received: FunctionUrlEvent | undefined;

function handler(event: FunctionUrlEvent) {
  received = event;
  return { statusCode: 201, headers: { 'x-made-by': 'function' }, body: JSON.stringify({ path: event.rawPath }) };
}

function estateWith(actions: readonly string[]): Estate {
  const [account, other] = base.accounts;
  const policies = [{ Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }];
  const roles = account!.roles.map((role) => (role.name === 'Developer' ? { ...role, policies } : role));
  const fn = { name: 'report', urlId: 'abc123', region: 'eu-west-1', authType: 'AWS_IAM' as const, handler };
  const open = { ...fn, name: 'open', urlId: 'open1', authType: 'NONE' as const };
  return {
    accounts: [
      { ...account!, roles, functions: [fn, open] },
      { ...other!, functions: [{ ...fn, urlId: 'other1' }] },
    ],
  };
}

beforeAll(async () => {
  const pair = keyPair('minting');
  base = sampleEstate(metadataFor(ISSUER, [pair]));
  aws = await startAws({ now: () => NOW, estate: estateWith(BOTH) });
  const { text } = await postSts(aws, samlCall(sampleParts(), { key: pair.key }));
  const of = (name: string) => elementText(text, name) ?? '';
  session = {
    accessKeyId: of('AccessKeyId'),
    secretAccessKey: of('SecretAccessKey'),
    sessionToken: of('SessionToken'),
  };
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.setClockOffset(0);
  aws.setEstate(estateWith(BOTH));
  received = undefined;
});

const call = (changes: Partial<ServiceRequest> = {}) =>
  callService(aws, {
    ...session,
    now: NOW,
    service: 'lambda',
    region: 'eu-west-1',
    path: '/lambda-url/abc123/a%20b/c',
    ...changes,
  });
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

test('the function learns path, body and caller, but neither signature nor token, and its answer comes back', async () => {
  const answer = await call({ method: 'POST', body: '{"x":1}', query: { day: '1 2' } });
  expect([answer.status, answer.headers['x-made-by'], answer.body]).toEqual([201, 'function', '{"path":"/a%20b/c"}']);
  expect(received).toMatchObject({
    version: '2.0',
    rawPath: '/a%20b/c',
    rawQueryString: 'day=1%202',
    body: '{"x":1}',
    requestContext: {
      http: { method: 'POST' },
      authorizer: {
        iam: { accountId: ACCOUNT, userArn: `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/alice@example.com` },
      },
    },
  });
  expect(JSON.stringify(received)).not.toMatch(/AWS4-HMAC|x-amz-security-token/);
  expect(aws.events.at(-1)).toMatchObject({ eventSource: 'lambda.amazonaws.com', eventName: 'InvokeFunctionUrl' });
});

test('its own name needs no prefix, and fixes the region', async () => {
  const host = 'abc123.lambda-url.eu-west-1.on.aws';
  const unsigned = await rawRequest(aws.url, { path: '/abc', headers: { host } });
  expect([unsigned.status, JSON.parse(unsigned.body)]).toEqual([403, { Message: FORBIDDEN }]);
  expect((await call({ path: '/x', headers: { host } })).body).toBe('{"path":"/x"}');
});

test('without IAM auth everybody may call', async () => {
  const answer = await rawRequest(aws.url, { path: '/lambda-url/open1/x' });
  expect([answer.status, received?.requestContext.authorizer]).toEqual([201, undefined]);
});

describe('refuses', () => {
  const changed = 'The request signature we calculated does not match the signature you provided.';
  const cases: [string, () => ReturnType<typeof call>, string, string][] = [
    ['no signature', () => call({ spoil: (h) => delete h['authorization'] }), 'AccessDeniedException', FORBIDDEN],
    ['an unknown function', () => call({ path: '/lambda-url/none/' }), 'AccessDeniedException', FORBIDDEN],
    ["another account's function", () => call({ path: '/lambda-url/other1/' }), 'AccessDeniedException', FORBIDDEN],
    [
      'a signature for another service',
      () => call({ service: 'execute-api' }),
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'lambda'.",
    ],
    [
      'a signature for another region',
      () => call({ region: 'us-east-1' }),
      'InvalidSignatureException',
      'Credential should be scoped to a valid region.',
    ],
    ['another secret', () => call({ secretAccessKey: 'x' }), 'InvalidSignatureException', changed],
    [
      'another body',
      () => call({ method: 'PUT', body: 'a', headers: { 'x-amz-content-sha256': '0'.repeat(64) } }),
      'InvalidSignatureException',
      changed,
    ],
    [
      'an unknown key',
      () => call({ accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }),
      'UnrecognizedClientException',
      'The security token included in the request is invalid',
    ],
    ['a clock that is late', () => call({ now: later(-901) }), 'InvalidSignatureException', 'Signature expired: '],
  ];
  test.each(cases)('%s', async (_name, send, type, message) => {
    const { status, headers, body } = await send();
    const { Message, message: other } = JSON.parse(body) as { Message?: string; message?: string };
    expect([status, headers['x-amzn-errortype']]).toEqual([403, type]);
    expect((type === 'AccessDeniedException' ? Message : other)?.slice(0, message.length)).toBe(message);
    expect(received).toBeUndefined();
  });

  test('credentials that have expired', async () => {
    aws.setClockOffset(3600);
    const { status, headers } = await call({ now: later(3600) });
    expect([status, headers['x-amzn-errortype']]).toEqual([403, 'ExpiredTokenException']);
  });

  test.each(BOTH)('a caller who may only %s', async (action) => {
    aws.setEstate(estateWith([action]));
    expect(JSON.parse((await call()).body)).toEqual({ Message: FORBIDDEN });
  });
});
