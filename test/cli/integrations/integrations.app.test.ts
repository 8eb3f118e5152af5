// What `rolegate` makes for Docker, kubectl and S3, against an emulator that verifies every signature with independent code.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import {
  ACCOUNT,
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
import { writeKnownRoles } from '../../../src/cli/machine/known-roles.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { cacheFor } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const broker = 'https://broker.example.com';
const registry = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`;
let aws: AwsEmulator;
let machine: Machine;
let credentials: Credentials;
let now = NOW;
let actions: string[] = [];

beforeAll(async () => {
  const pair = keyPair('minting');
  const metadata = metadataFor(ISSUER, [pair]);
  aws = await startAws({
    now: () => now,
    estate: () => {
      const { accounts } = sampleEstate(metadata);
      const policies = [{ Statement: { Effect: 'Allow', Action: actions, Resource: '*' } }];
      const buckets = [{ name: 'invoices', region: 'eu-west-1', objects: { 'a b+c(1).txt': 'signed' } }];
      return {
        accounts: accounts.map((one) => ({
          ...one,
          ...(one.id === ACCOUNT ? { buckets } : {}),
          roles: one.roles.map((role) => ({ ...role, policies })),
        })),
      };
    },
  });
  const { text } = await postSts(aws, samlCall(sampleParts(), { key: pair.key }));
  const of = (name: string) => elementText(text, name)!;
  credentials = {
    ...{ Version: 1, RoleArn: ROLE, AssumedRoleArn: of('Arn'), DurationSeconds: 3600, DurationLimitedBy: 'rule' },
    ...{ AccessKeyId: of('AccessKeyId'), SecretAccessKey: of('SecretAccessKey'), SessionToken: of('SessionToken') },
    Expiration: of('Expiration'),
  };
});
afterAll(() => aws.close());

beforeEach(() => {
  now = NOW;
  actions = ['s3:*', 'ecr:GetAuthorizationToken'];
  machine?.remove();
  machine = createMachine({ clock: { now: () => now }, env: { ROLEGATE_URL: broker, AWS_ENDPOINT_URL: aws.url } });
  cacheFor(machine.context, broker);
  writeCached(machine.context, { broker, roleArn: ROLE }, credentials);
  writeKnownRoles(machine.context, broker, [{ roleArn: ROLE, name: 'payments-prod/Developer' }]);
});
afterAll(() => machine.remove());

async function run(argv: readonly string[], input = ''): Promise<string> {
  if (input !== '') {
    machine.context.stdin.push(input);
    machine.context.stdin.push(null);
  }
  await runProgram(machine.context, argv);
  return machine.takeStdout();
}
const failing = (argv: readonly string[], input = '') =>
  run(argv, input).then(
    () => ({ exit: 'ok', message: '' }),
    (error: { exit: string; message: string }) => error,
  );

test('ecr-login: the name of a role in the account of the registry gives what Docker asks for', async () => {
  const answer = JSON.parse(await run(['ecr-login', '--role', 'Developer', 'get'], `${registry}\n`));
  expect(answer).toEqual({ ServerURL: registry, Username: 'AWS', Secret: expect.stringMatching(/^[\w+/]{64}$/) });
  expect(aws.events.at(-1)).toMatchObject({ eventSource: 'ecr.amazonaws.com', eventName: 'GetAuthorizationToken' });
});

test.each([
  'docker.io',
  'public.ecr.aws',
  `${registry}.evil.example`,
  `${ACCOUNT}.dkr.ecr.eu-west-1.evil.example`,
  `evil.example/${registry}`,
])('ecr-login: %s gets no password, and Docker goes on without', async (server) => {
  const before = aws.events.length;
  expect(await failing(['ecr-login', '--role', 'Developer', 'get'], server)).toMatchObject({ exit: 'failed' });
  expect(machine.takeStdout()).toBe('credentials not found in native keychain\n');
  expect(aws.events.length).toBe(before);
});

test('ecr-login: a refusal is on standard output, which is what Docker shows; a signature of other keys is one', async () => {
  actions = ['s3:*'];
  const why = /ECR says AccessDeniedException: .* not authorized to perform: ecr:GetAuthorizationToken/;
  expect((await failing(['ecr-login', '--role', ROLE, 'get'], registry)).message).toMatch(why);
  expect(machine.takeStdout()).toMatch(why);
});

test('ecr-login: keys that AWS does not know are refused by the signature check', async () => {
  writeCached(machine.context, { broker, roleArn: ROLE }, { ...credentials, SecretAccessKey: 'another' });
  const { exit, message } = await failing(['ecr-login', '--role', ROLE, 'get'], registry);
  expect([exit, message]).toEqual(['denied', expect.stringContaining('InvalidSignatureException')]);
});

test('ecr-login: store, erase and list keep nothing', async () => {
  expect(await run(['ecr-login', 'list'])).toBe('{}\n');
  expect(await run(['ecr-login', 'store'], '{"ServerURL":"x","Username":"y","Secret":"z"}')).toBe('');
});

const eks = ['eks-token', '--cluster-name', 'prod-1', '--role', ROLE, '--region', 'eu-west-1'];
const urlIn = (token: string) => new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());

test('eks-token: STS accepts the URL in the token for this cluster and for no other', async () => {
  const { kind, apiVersion, status } = JSON.parse(await run(eks));
  expect([kind, apiVersion]).toEqual(['ExecCredential', 'client.authentication.k8s.io/v1']);
  expect(Date.parse(status.expirationTimestamp)).toBe(NOW.getTime() + 14 * 60_000);
  expect(status.token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  const url = urlIn(status.token);
  // What EKS lets through (aws-iam-authenticator's list).
  expect([...url.searchParams.keys()].sort()).toEqual([
    'Action',
    'Version',
    ...['Algorithm', 'Credential', 'Date', 'Expires', 'Security-Token', 'Signature', 'SignedHeaders'].map(
      (name) => `X-Amz-${name}`,
    ),
  ]);
  expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id');
  const ask = (cluster: string) => fetch(url, { headers: { 'x-k8s-aws-id': cluster } });
  expect(await (await ask('prod-1')).text()).toContain(`<Arn>${credentials.AssumedRoleArn}</Arn>`);
  expect(await (await ask('prod-2')).text()).toContain('SignatureDoesNotMatch');
  now = new Date(NOW.getTime() + 16 * 60_000);
  expect(await (await ask('prod-1')).text()).toContain('Signature expired');
});

test('eks-token: answers in the version that kubectl asks for, with the public address of STS', async () => {
  machine.remove();
  const info = {
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    spec: { interactive: false },
  };
  const env = { ROLEGATE_URL: broker, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  machine = createMachine({ clock: { now: () => now }, env });
  cacheFor(machine.context, broker);
  writeCached(machine.context, { broker, roleArn: ROLE }, credentials);
  const { apiVersion, status } = JSON.parse(await run(eks));
  expect([apiVersion, urlIn(status.token).host]).toEqual([info.apiVersion, 'sts.eu-west-1.amazonaws.com']);
});

test('presign: others get and put the object until the URL ends', async () => {
  const options = ['--role', ROLE, '--region', 'eu-west-1', '--expires-in', '10m'];
  const get = (await run(['presign', 's3://invoices/a b+c(1).txt', ...options])).trim();
  expect(await (await fetch(get)).text()).toBe('signed');
  const put = (await run(['presign', 's3://invoices/new/ü.txt', '--method', 'put', ...options])).trim();
  expect((await fetch(put, { method: 'PUT', body: 'from outside' })).status).toBe(200);
  expect((await fetch(put)).status).toBe(403);
  expect((await fetch(get.replace('a%20b', 'a%20c'))).status).toBe(403);
  now = new Date(NOW.getTime() + 11 * 60_000);
  expect(await (await fetch(get)).text()).toContain('Request has expired');
});

test('presign: says when the session ends first', async () => {
  await run(['presign', 's3://invoices/x', '--role', ROLE, '--region', 'eu-west-1', '--expires-in', '168h']);
  expect(machine.takeStderr()).toContain(`works until ${credentials.Expiration}`);
});

test.each([
  [['presign', 'https://x/y'], 'is not an object'],
  [['presign', 's3://invoices/../x'], 'cannot be reached'],
  [['presign', 's3://invoices/x', '--method', 'DELETE'], 'GET or PUT'],
  [['presign', 's3://invoices/x', '--expires-in', '169h'], '--expires-in'],
  [['presign', 's3://invoices/x', '--role', ROLE], 'give --region'],
  [['eks-token', '--cluster-name', 'a b', '--role', ROLE], 'not a name of a cluster'],
  [['rds-token', '--hostname', 'a/b', '--port', '1', '--username', 'u'], 'not a name of a host'],
])('%j is refused', async (argv, message) => {
  expect(await failing(argv)).toMatchObject({ exit: 'usage', message: expect.stringContaining(message) });
});
