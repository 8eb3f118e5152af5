// Rows T8 to T12: the signature of GetCallerIdentity, in headers and presigned, each refusal with one thing wrong.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import {
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  readAnswer,
  type StsAnswer,
  samlCall,
  sampleEstate,
  sampleParts,
} from '../support/fixture.ts';
import { rawRequest } from '../support/raw-request.ts';
import { presignGet, type Signer, signPost } from '../support/sign-request.ts';

const QUERY = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
const BODY = new URLSearchParams(QUERY).toString();
let aws: AwsEmulator;
let signer: Signer;

beforeAll(async () => {
  const pair = keyPair('minting');
  aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [pair])) });
  const { text } = await postSts(aws, samlCall(sampleParts(), { key: pair.key }));
  signer = {
    accessKeyId: elementText(text, 'AccessKeyId') ?? '',
    secretAccessKey: elementText(text, 'SecretAccessKey') ?? '',
    sessionToken: elementText(text, 'SessionToken') ?? '',
    now: NOW,
  };
});
afterAll(() => aws.close());
beforeEach(() => aws.setClockOffset(0));

const hostOf = (): string => new URL(aws.url).host;
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

async function post(
  change: Partial<Signer>,
  damage: (headers: Record<string, string>) => Record<string, string> = (headers) => headers,
  host = hostOf(),
): Promise<StsAnswer> {
  const headers = damage(signPost({ ...signer, ...change }, host, BODY));
  const { status, body } = await rawRequest(aws.url, {
    method: 'POST',
    path: '/',
    headers: { ...headers, host },
    body: BODY,
  });
  return readAnswer(new Response(body, { status }));
}

async function get(change: Partial<Signer>, expires?: number): Promise<StsAnswer> {
  return readAnswer(await fetch(aws.url + presignGet({ ...signer, ...change }, hostOf(), QUERY, expires)));
}

describe('a signed GetCallerIdentity', () => {
  test('tells a role session who it is', async () => {
    const { text } = await post({});
    expect(elementText(text, 'Arn')).toBe('arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com');
    expect(elementText(text, 'UserId')).toMatch(/^AROA[A-Z0-9]{17}:alice@example\.com$/);
    expect(elementText(text, 'Account')).toBe('111122223333');
    expect(aws.events.at(-1)).toMatchObject({
      eventName: 'GetCallerIdentity',
      userIdentity: { type: 'AssumedRole', accessKeyId: signer.accessKeyId },
    });
  });

  test('tells a user with a long-term key who it is', async () => {
    const user = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'long-term-secret-of-the-user' };
    const { text } = await post({ ...user, sessionToken: undefined });
    expect(elementText(text, 'Arn')).toBe('arn:aws:iam::111122223333:user/ops');
    expect(elementText(text, 'UserId')).toMatch(/^AIDA[A-Z0-9]{17}$/);
  });

  test('may be presigned', async () => {
    expect((await get({})).status).toBe(200);
  });

  test('may be 15 minutes old', async () => {
    expect((await post({ now: later(-900) })).status).toBe(200);
    expect((await post({ now: later(900) })).status).toBe(200);
  });

  test('fits the region of a real host name', async () => {
    const host = 'sts.eu-west-1.amazonaws.com';
    expect((await post({ region: 'eu-west-1' }, undefined, host)).status).toBe(200);
    const refusal = await post({ region: 'eu-west-2' }, undefined, host);
    expect([refusal.code, refusal.message]).toEqual([
      'SignatureDoesNotMatch',
      'Credential should be scoped to a valid region.',
    ]);
  });
});

type Refusal = readonly [string, () => Promise<StsAnswer>, number, string, string];
const INVALID = 'The security token included in the request is invalid';
const MISMATCH = 'The request signature we calculated does not match the signature you provided. ';
const replace = (name: string, from: RegExp | string, to: string) => (headers: Record<string, string>) => ({
  ...headers,
  [name]: (headers[name] ?? '').replace(from, to),
});

const refusals: readonly Refusal[] = [
  [
    'T8 no signature',
    () => postSts(aws, QUERY),
    403,
    'MissingAuthenticationToken',
    'Request is missing Authentication Token',
  ],
  ['T9 an unknown key', () => post({ accessKeyId: 'ASIAAAAAAAAAAAAAAAAA' }), 403, 'InvalidClientTokenId', INVALID],
  ['T9 another token', () => post({ sessionToken: 'other' }), 403, 'InvalidClientTokenId', INVALID],
  ['T9 no token', () => post({ sessionToken: undefined }), 403, 'InvalidClientTokenId', INVALID],
  ['T9 presigned, no token', () => get({ sessionToken: undefined }), 403, 'InvalidClientTokenId', INVALID],
  ['T10 another secret', () => post({ secretAccessKey: 'x'.repeat(40) }), 403, 'SignatureDoesNotMatch', MISMATCH],
  [
    'T10 presigned, another secret',
    () => get({ secretAccessKey: 'x'.repeat(40) }),
    403,
    'SignatureDoesNotMatch',
    MISMATCH,
  ],
  [
    'T10 a signed header changed',
    () => post({}, replace('x-amz-date', 'T120000Z', 'T120001Z')),
    403,
    'SignatureDoesNotMatch',
    MISMATCH,
  ],
  [
    'T10 another service',
    () => post({ service: 's3' }),
    403,
    'SignatureDoesNotMatch',
    "Credential should be scoped to correct service: 'sts'.",
  ],
  [
    'T10 an x-amz header that was not signed',
    () => post({}, (headers) => ({ ...headers, 'x-amz-extra': '1' })),
    403,
    'SignatureDoesNotMatch',
    "'x-amz-extra' must be a 'SignedHeader'",
  ],
  [
    'T11 too old',
    () => post({ now: later(-901) }),
    403,
    'SignatureDoesNotMatch',
    'Signature expired: 20260301T114459Z is now earlier than 20260301T114500Z (20260301T120000Z - 15 min.)',
  ],
  [
    'T11 too early',
    () => post({ now: later(901) }),
    403,
    'SignatureDoesNotMatch',
    'Signature not yet current: 20260301T121501Z is still later than 20260301T121500Z (20260301T120000Z + 15 min.)',
  ],
  ['T11 presigned and over', () => get({ now: later(-61) }, 60), 403, 'SignatureDoesNotMatch', 'Signature expired: '],
  [
    'half an Authorization header',
    () => post({}, replace('authorization', /, Signature=.*/, '')),
    400,
    'IncompleteSignature',
    "Authorization header requires 'Signature' parameter.",
  ],
];

describe('GetCallerIdentity refuses', () => {
  for (const [name, call, status, code, message] of refusals) {
    test(name, async () => {
      const answer = await call();
      expect([answer.status, answer.code]).toEqual([status, code]);
      expect(answer.message.slice(0, message.length)).toBe(message);
    });
  }

  test('T12 credentials that have expired, though the signature is right', async () => {
    aws.setClockOffset(3599);
    expect((await post({ now: later(3599) })).status).toBe(200);
    aws.setClockOffset(3600);
    const answer = await post({ now: later(3600) });
    expect([answer.status, answer.code, answer.message]).toEqual([
      403,
      'ExpiredToken',
      'The security token included in the request is expired',
    ]);
  });

  test('in the order of the rows: key, signature, date, expiry', async () => {
    aws.setClockOffset(7200);
    expect((await post({ accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' })).code).toBe(
      'InvalidClientTokenId',
    );
    expect((await post({ secretAccessKey: 'x' })).message).toContain('we calculated');
    expect((await post({})).message).toContain('Signature expired');
    expect((await post({ now: later(7200) })).code).toBe('ExpiredToken');
  });
});
