// `--then`: a second role, assumed with the first one's credentials, against an STS that judges trust policies.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { credentialProcessJson } from '../../../src/cli/credentials/credential-cache.ts';
import { startCredentialServer } from '../../../src/cli/credentials/credential-server.ts';
import { type CredentialsRequest, obtainCredentials } from '../../../src/cli/credentials/credentials.ts';
import { brokerFolder, cacheDirectory } from '../../../src/cli/machine/paths.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { roleArn, type SmallBroker, signInAt, startSmallBroker } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const far = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const keys = { accessKeyId: 'AKIAEXAMPLECAROL0000', secretAccessKey: 'secret/key+of=carol' };
const minute = 60_000;

const statement = (Action: string | string[], more: object) => ({ Statement: { Effect: 'Allow', Action, ...more } });
const both = ['sts:AssumeRole', 'sts:SetSourceIdentity'];
const trusts = (principal: string, action: string | string[] = both, more = {}) =>
  statement(action, { Principal: { AWS: principal }, ...more });
const user = 'arn:aws:iam::444455556666:user/carol';

let aws: AwsEmulator;
let broker: SmallBroker;
let machine: Machine;
let clock: TestClock;
beforeAll(async () => {
  broker = await startSmallBroker();
});
afterAll(() => broker.close());

beforeEach(async () => {
  clock = createTestClock();
  const mayAll = [statement('sts:*', { Resource: '*' })];
  const withId = { Condition: { StringEquals: { 'sts:ExternalId': 'tenant/42' } } };
  aws = await startAws({
    now: clock.now,
    estate: {
      accounts: [
        {
          id: '444455556666',
          name: 'First',
          roles: [{ name: 'Developer', trustPolicy: trusts(user), policies: mayAll }],
          users: [{ name: 'carol', ...keys, policies: mayAll }],
        },
        {
          id: '111122223333',
          name: 'Second',
          roles: [
            { name: 'Deploy', trustPolicy: trusts(roleArn) },
            { name: 'WithId', trustPolicy: trusts(roleArn, both, withId) },
            { name: 'NoIdentity', trustPolicy: trusts(roleArn, 'sts:AssumeRole') },
            { name: 'Others', trustPolicy: trusts('arn:aws:iam::444455556666:role/Operator') },
          ],
        },
      ],
    },
  });
  machine = createMachine({ clock, env: { AWS_ENDPOINT_URL_STS: aws.url } });
  Object.assign(broker.answer, { status: 200, durationSeconds: 3600, now: clock.now });
  broker.answer.credentials = await firstCredentials();
  broker.asked.length = 0;
  signInAt(machine.context, broker.url);
});
afterEach(async () => {
  machine.remove();
  await aws.close();
});

/** What the real broker gives: a session that is called after the person, with a source identity. */
async function firstCredentials() {
  const client = clientOf(keys);
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: 'alice@corp.example',
    SourceIdentity: 'alice@corp.example',
  });
  const { Credentials: given, AssumedRoleUser } = await client.send(command);
  client.destroy();
  return {
    AccessKeyId: given!.AccessKeyId!,
    SecretAccessKey: given!.SecretAccessKey!,
    SessionToken: given!.SessionToken!,
    Expiration: given!.Expiration!.toISOString(),
    AssumedRoleArn: AssumedRoleUser!.Arn!,
  };
}

function clientOf(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): STSClient {
  const systemClockOffset = clock.now().getTime() - Date.now();
  return new STSClient({ region: 'eu-west-1', endpoint: aws.url, credentials, systemClockOffset });
}

async function callerOf(json: string): Promise<string | undefined> {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = JSON.parse(json);
  const client = clientOf({ accessKeyId, secretAccessKey, sessionToken });
  const { Arn } = await client.send(new GetCallerIdentityCommand());
  client.destroy();
  return Arn;
}

const obtain = (second: string, more: Partial<CredentialsRequest> & { externalId?: string } = {}) => {
  const { externalId, ...rest } = more;
  const secondRole = { roleArn: far(second), externalId };
  return obtainCredentials(machine.context, { broker: broker.url, roleArn, secondRole, ...rest });
};
const run = (...argv: string[]) => runProgram(machine.context, argv);
const process = (...more: string[]) =>
  run('credential-process', '--broker', broker.url, '--role', roleArn, '--then', ...more);
const calls = () => aws.events.filter(({ eventName }) => eventName === 'AssumeRole').length - 1;

describe('the session of the second role', () => {
  test('is called after the person, keeps the source identity, and is cached beside the first one', async () => {
    await process(far('Deploy'));
    const json = machine.takeStdout();
    expect(await callerOf(json)).toBe('arn:aws:sts::111122223333:assumed-role/Deploy/alice@corp.example');
    expect(aws.events.at(-2)).toMatchObject({
      eventName: 'AssumeRole',
      requestParameters: { roleSessionName: 'alice@corp.example', durationSeconds: '3600' },
      responseElements: { sourceIdentity: 'alice@corp.example' },
    });
    await process(far('Deploy'));
    expect(machine.takeStdout()).toBe(json);
    expect([broker.asked, calls()]).toEqual([[{ roleArn }], 1]);
    const files = readdirSync(join(cacheDirectory(machine.context), brokerFolder(broker.url), 'credentials'));
    expect(files.map((name) => name.replace(/-[0-9a-f]{8}\.json$/, '')).sort()).toEqual([
      '111122223333-Deploy',
      '444455556666-Developer',
    ]);
    // The first role stays what it is.
    await run('credential-process', '--broker', broker.url, '--role', roleArn);
    expect(JSON.parse(machine.takeStdout()).AccessKeyId).toBe(broker.answer.credentials?.AccessKeyId);
    expect(broker.asked).toHaveLength(1);
  });

  test('is renewed by STS alone while the first one lasts', async () => {
    const first = await obtain('Deploy', { durationSeconds: 900 });
    expect(first).toMatchObject({ DurationSeconds: 900, DurationLimitedBy: 'request', RoleArn: far('Deploy') });
    clock.advance(12 * minute);
    expect(await obtain('Deploy', { durationSeconds: 900 })).not.toEqual(first);
    expect([broker.asked.length, calls()]).toEqual([1, 2]);
  });

  test('is narrowed by the policy, and the first one is not', async () => {
    const policy = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
    await process(far('Deploy'), '--policy', policy);
    expect(aws.events.at(-1)).toMatchObject({ requestParameters: { policy } });
    expect(broker.asked).toEqual([{ roleArn }]);
  });

  test('goes on while STS is away, until it ends', async () => {
    const first = await obtain('Deploy');
    clock.advance(50 * minute);
    await aws.close();
    expect(await obtain('Deploy')).toEqual(first);
    expect(machine.takeStderr()).toMatch(/127\.0\.0\.1:\d+ cannot be reached: .*; using credentials that expire at/);
    clock.advance(10 * minute);
    const Expiration = new Date(clock.now().getTime() + 60 * minute).toISOString();
    broker.answer.credentials = { ...broker.answer.credentials, Expiration };
    await expect(obtain('Deploy')).rejects.toMatchObject({ exit: 'network' });
  });

  test('is asked for once by forty at a time', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => obtain('Deploy')));
    expect(new Set(all.map(credentialProcessJson)).size).toBe(1);
    expect([broker.asked.length, calls()]).toEqual([1, 1]);
  });

  test('is served to programs under its own path', async () => {
    const secondRole = { roleArn: far('Deploy') };
    const server = await startCredentialServer(machine.context, { broker: broker.url, roleArn, secondRole });
    const url = server.addresses.get(far('Deploy'))!;
    expect(url).toMatch(/\/credentials\/111122223333\/Deploy$/);
    for (const address of [url, server.environment['AWS_CONTAINER_CREDENTIALS_FULL_URI']!]) {
      const answer = await fetch(address, { headers: { authorization: server.token } });
      expect(await answer.json()).toMatchObject({ RoleArn: far('Deploy') });
    }
    await server.close();
  });
});

describe('an external id', () => {
  test('goes to STS, and has its own place in the cache', async () => {
    expect(await obtain('WithId', { externalId: 'tenant/42' })).toMatchObject({ RoleArn: far('WithId') });
    const refused = { exit: 'denied', message: expect.stringContaining('with this external id') };
    await expect(obtain('WithId', { externalId: 'tenant/43' })).rejects.toMatchObject(refused);
    const without = { exit: 'denied', message: expect.stringContaining('without an external id: --external-id') };
    await expect(obtain('WithId')).rejects.toMatchObject(without);
  });
});

describe('a refusal says what to check:', () => {
  test.each([
    ['Others', `that its trust policy allows ${roleArn} sts:AssumeRole`],
    ['Nothing', `check that ${far('Nothing')} exists`],
    ['NoIdentity', `allow sts:SetSourceIdentity in the trust policy of ${far('NoIdentity')}, and to ${roleArn}`],
  ])('%s', async (name, words) => {
    const refused = obtain(name);
    await expect(refused).rejects.toMatchObject({ exit: 'denied', message: expect.stringContaining(words) });
    await expect(refused).rejects.toThrow(/^AWS says AccessDenied: User: arn:aws:sts::444455556666:assumed-role/);
  });

  test('a policy that is not one', async () => {
    await expect(obtain('Deploy', { policy: '{}' })).rejects.toMatchObject({ exit: 'usage' });
  });

  test('never with what was signed', async () => {
    broker.answer.credentials = { ...broker.answer.credentials, SecretAccessKey: 'wrong' };
    const message = 'AWS says SignatureDoesNotMatch';
    await expect(obtain('Deploy')).rejects.toMatchObject({ exit: 'failed', message });
  });

  test('a broker that does not name the session', async () => {
    broker.answer.credentials = { ...broker.answer.credentials, AssumedRoleArn: '' };
    await expect(obtain('Deploy')).rejects.toThrow('did not name the session');
    expect(calls()).toBe(0);
  });
});

describe('nothing is sent for', () => {
  test.each([
    ['a name', ['other/Deploy'], '--then must be the whole ARN of a role'],
    ['words', ['Deploy'], '--then must be the whole ARN of a role'],
    ['an empty one', [''], '--then must be the whole ARN of a role'],
    ['an account without digits', ['arn:aws:iam::1111:role/Deploy'], 'whole ARN'],
    ['a user', ['arn:aws:iam::111122223333:user/carol'], 'whole ARN'],
    ['a session', ['arn:aws:sts::111122223333:assumed-role/Deploy/alice'], 'whole ARN'],
    ['a federated user', ['arn:aws:sts::111122223333:federated-user/alice'], 'whole ARN'],
    ['a star', ['arn:aws:iam::111122223333:role/*'], 'whole ARN'],
    ['another partition', ['arn:aws-cn:iam::111122223333:role/Deploy'], 'AWS has no way across'],
    ['more than an hour', [far('Deploy'), '--duration', '61m'], 'at most 1h with --then'],
    ["a policy of the company's configuration", [far('Deploy'), '--policy-id', 'read-only'], 'narrow the session by'],
    ['an external id of one letter', [far('Deploy'), '--external-id', 'x'], '--external-id must have 2 to 1224'],
  ])('%s', async (_, words, message) => {
    await expect(process(...words)).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining(message) });
    expect([broker.asked.length, calls(), machine.takeStdout()]).toEqual([0, 0, '']);
  });

  test('a federated user as the first role', async () => {
    const roleArn = 'arn:aws:sts::444455556666:federated-user/alice';
    const secondRole = { roleArn: far('Deploy') };
    const refused = obtainCredentials(machine.context, { broker: broker.url, roleArn, secondRole });
    await expect(refused).rejects.toMatchObject({ exit: 'usage' });
    expect(broker.asked).toEqual([]);
  });

  test('an external id without a second role, and a second role for several', async () => {
    const alone = run('export', roleArn, '--broker', broker.url, '--external-id', 'tenant');
    await expect(alone).rejects.toThrow('--external-id is for the role of --then');
    const roles = ['--role', roleArn, '--role', far('Deploy'), '--then', far('Deploy'), '--broker', broker.url];
    await expect(run('exec', '--server', ...roles, '--', 'true')).rejects.toThrow('--then is for one role');
    await expect(run('serve', ...roles)).rejects.toThrow('--then is for one role');
  });
});

test.each([
  ['the region of the first account', {}, roleArn, 'sts.eu-west-1.amazonaws.com'],
  [
    'the first region of the partition',
    { AWS_REGION: 'eu-west-1' },
    roleArn.replace('aws', 'aws-us-gov'),
    'sts.us-gov-west-1.amazonaws.com',
  ],
  [
    "the environment's region in the same partition",
    { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-isob-east-1' },
    roleArn.replace('aws', 'aws-iso-b'),
    'sts.us-isob-east-1.sc2s.sgov.gov',
  ],
])('asks STS in %s', async (_, env, first, host) => {
  // No proxy listens there: what the command says shows that it got as far as the call.
  const context = { ...machine.context, env: { ...env, HTTPS_PROXY: 'http://127.0.0.1:9' } };
  await runProgram(machine.context, ['roles', '--broker', broker.url]);
  const secondRole = { roleArn: far('Deploy').replace('aws', first.split(':')[1]!) };
  const refused = obtainCredentials(context, { broker: broker.url, roleArn: first, secondRole });
  await expect(refused).rejects.toThrow(host);
});
