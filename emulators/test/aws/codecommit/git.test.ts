// CodeCommit's answer to git's first request: which passwords it accepts, and each reason for which it refuses one.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { NOW } from '../support/fixture.ts';
import { rawRequest } from '../support/raw-request.ts';
import { gitPassword } from '../support/sign-request.ts';

const host = 'git-codecommit.eu-west-1.amazonaws.com';
const key = { accessKeyId: 'AKIAEXAMPLEGIT', secretAccessKey: 'secret-of-git' };
const head = '1234567890'.repeat(4);
let aws: AwsEmulator;

beforeAll(async () => {
  const Resource = 'arn:aws:codecommit:eu-west-1:111122223333:orders';
  const policies = [{ Statement: { Effect: 'Allow', Action: 'codecommit:GitPull', Resource } }];
  const repositories = ['orders', 'secrets'].map((name) => ({ name, region: 'eu-west-1', head }));
  const users = [{ name: 'git', ...key, policies }];
  aws = await startAws({
    now: () => NOW,
    estate: { accounts: [{ id: '111122223333', name: 'a', roles: [], users, repositories }] },
  });
});
afterAll(() => aws.close());
beforeEach(() => aws.setClockOffset(0));

interface Attempt {
  readonly signer?: Partial<Parameters<typeof gitPassword>[0]>;
  readonly signedHost?: string;
  readonly signedPath?: string;
  readonly path?: string;
  readonly service?: string;
  readonly user?: string;
  readonly spoil?: (password: string) => string;
}

function ask(attempt: Attempt = {}) {
  const { path = '/v1/repos/orders', service = 'git-upload-pack', spoil = (password) => password } = attempt;
  const signer = { ...key, region: 'eu-west-1', now: NOW, ...attempt.signer };
  const password = spoil(gitPassword(signer, attempt.signedHost ?? host, attempt.signedPath ?? path));
  const basic = Buffer.from(`${attempt.user ?? signer.accessKeyId}:${password}`).toString('base64');
  const headers = { host, authorization: `Basic ${basic}` };
  return rawRequest(aws.url, { path: `${path}/info/refs?service=${service}`, headers });
}

test('tells the commits to whom the repository is open, and CloudTrail about it', async () => {
  const { status, headers, body } = await ask();
  expect([status, headers['content-type']]).toEqual([200, 'application/x-git-upload-pack-advertisement']);
  expect(body).toContain(`${head} refs/heads/main\n`);
  expect(aws.events.at(-1)).toMatchObject({
    ...{ eventSource: 'codecommit.amazonaws.com', eventName: 'GitPull' },
    requestParameters: { repositoryName: 'orders' },
  });
});

test('asks for a password first, so that git calls its helper', async () => {
  const answer = await rawRequest(aws.url, {
    path: '/v1/repos/orders/info/refs?service=git-upload-pack',
    headers: { host },
  });
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
});

test('accepts a password for 15 minutes', async () => {
  aws.setClockOffset(899);
  expect((await ask()).status).toBe(200);
  aws.setClockOffset(901);
  expect((await ask()).status).toBe(403);
});

test.each<[string, Attempt, string]>([
  ['another secret', { signer: { secretAccessKey: 'x' } }, 'SignatureDoesNotMatch'],
  ['an unknown key', { signer: { accessKeyId: 'AKIAUNKNOWN' } }, 'InvalidClientTokenId'],
  ['a session token that does not belong to the key', { user: `${key.accessKeyId}%x` }, 'InvalidClientTokenId'],
  ['another host', { signedHost: host.replace('eu-west-1', 'us-east-1') }, 'SignatureDoesNotMatch'],
  ['another region', { signer: { region: 'us-east-1' } }, 'SignatureDoesNotMatch'],
  ['another repository', { signedPath: '/v1/repos/secrets' }, 'SignatureDoesNotMatch'],
  ['another date than was signed', { spoil: (text) => text.replace('T1200', 'T1201') }, 'SignatureDoesNotMatch'],
  ['a date without Z', { spoil: (text) => text.replace('Z', '') }, 'IncompleteSignature'],
  ['a clock that is late', { signer: { now: new Date(NOW.getTime() - 901_000) } }, 'SignatureDoesNotMatch'],
  ['a repository that no policy names', { path: '/v1/repos/secrets' }, 'AccessDeniedException'],
  ['a repository that does not exist', { path: '/v1/repos/none' }, 'AccessDeniedException'],
  ['a push without the permission for it', { service: 'git-receive-pack' }, 'AccessDeniedException'],
])('refuses %s with 403', async (_, attempt, errorCode) => {
  expect([(await ask(attempt)).status, aws.events.at(-1)]).toEqual([403, expect.objectContaining({ errorCode })]);
});

test.each(['/v1/repos/orders/info/refs', '/v1/repos/orders/info/refs?service=toString', '/v1/repos/a/b/info/refs'])(
  'there is nothing at %s',
  async (path) => expect((await rawRequest(aws.url, { path, headers: { host } })).status).toBe(404),
);
