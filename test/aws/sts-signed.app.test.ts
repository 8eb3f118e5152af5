// Calls that the broker signs, over real sockets to an emulated STS, and the identity that it signs with.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AwsEmulator, type Estate, startAws } from '../../emulators/aws/server.ts';
import {
  BROKER,
  HOME,
  PARTNER,
  ROOT,
  roleArn,
  signedEstate,
  trusting,
} from '../../emulators/test/aws/support/signed-calls.ts';
import { createOwnIdentity } from '../../src/aws/own-identity.ts';
import {
  type AssumeRole,
  createSts,
  type GetFederationToken,
  type Signer,
  type SigningKeys,
} from '../../src/aws/sts.ts';
import { stsOptions } from './support/sts-options.ts';

let aws: AwsEmulator;
beforeAll(async () => {
  // The SDK signs with the time of this machine.
  aws = await startAws({ now: () => new Date(), estate: estateOnEcs() });
});
afterAll(() => aws.close());
beforeEach(() => {
  vi.unstubAllEnvs();
  aws.faults.clear();
  aws.setClockOffset(0);
});

const taskRole = roleArn('Task');

function estateOnEcs(): Estate {
  const { accounts } = signedEstate();
  const allowing = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] };
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const more = [
    { name: 'Task', trustPolicy, policies: [allowing] },
    { name: 'OfTask', maxSessionDuration: 43_200, trustPolicy: trusting(taskRole) },
  ];
  return {
    machine: { tasks: { task1: { roleArn: taskRole } } },
    accounts: accounts.map((each) => (each.id === HOME ? { ...each, roles: [...each.roles, ...more] } : each)),
  };
}

const keys =
  (pair: SigningKeys): Signer =>
  async () =>
    pair;
const broker = keys(BROKER);
const sts = () => createSts(stsOptions(() => aws.url));
const assume = (changes: Partial<AssumeRole> = {}): AssumeRole => ({
  region: 'eu-west-1',
  signer: broker,
  roleArn: roleArn('Account'),
  roleSessionName: 'alice',
  sourceIdentity: undefined,
  externalId: undefined,
  policy: undefined,
  durationSeconds: 3600,
  ...changes,
});
const federate = (changes: Partial<GetFederationToken> = {}): GetFederationToken => ({
  region: 'eu-west-1',
  signer: broker,
  name: 'alice',
  policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
  durationSeconds: 3600,
  ...changes,
});
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('not refused'),
    (error) => error,
  );

describe('assumeRole', () => {
  test('sends everything that goes into a session', async () => {
    const wish = assume({
      roleArn: roleArn('Vendor', PARTNER),
      externalId: 'customer-42',
      sourceIdentity: 'alice',
      tags: [{ key: 'team', value: 'payments' }],
      transitiveTagKeys: ['team'],
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      durationSeconds: 900,
    });
    const { assumedRoleArn, credentials } = await sts().assumeRole(wish);
    expect(assumedRoleArn).toBe(`arn:aws:sts::${PARTNER}:assumed-role/Vendor/alice`);
    const left = credentials.expiration.getTime() - Date.now();
    expect([left > 800_000, left <= 900_000]).toEqual([true, true]);
    expect(aws.events.at(-1)).toMatchObject({
      requestParameters: {
        ...{ externalId: 'customer-42', sourceIdentity: 'alice', roleSessionName: 'alice', durationSeconds: '900' },
        ...{ tags: [{ key: 'team', value: 'payments' }], transitiveTagKeys: ['team'] },
      },
      responseElements: { credentials: { accessKeyId: credentials.accessKeyId } },
    });
    expect(aws.events.at(-1)?.userAgent).toContain('rolegate/test');
  });

  test.each([
    [
      'a wrong external id',
      { roleArn: roleArn('Vendor', PARTNER), externalId: 'other' },
      'sts_access_denied',
      /external id/,
    ],
    ['a role that is not there', { roleArn: roleArn('Absent') }, 'sts_access_denied', /does not exist/],
    [
      'tags not allowed',
      { roleArn: roleArn('Bare'), tags: [{ key: 'a', value: 'b' }] },
      'sts_access_denied',
      /allow sts:TagSession/,
    ],
    [
      'a source identity not allowed',
      { roleArn: roleArn('Bare'), sourceIdentity: 'alice' },
      'sts_access_denied',
      /allow sts:SetSourceIdentity/,
    ],
    ['keys of root', { signer: keys(ROOT) }, 'sts_access_denied', /root user/],
    [
      'unknown keys',
      { signer: keys({ ...BROKER, accessKeyId: 'AKIAEXAMPLEUNKNOWN00' }) },
      'sts_refused',
      /does not know the keys/,
    ],
    ['a wrong secret', { signer: keys({ ...BROKER, secretAccessKey: 'wrong' }) }, 'sts_refused', /does not belong/],
    ['more than the role allows', { durationSeconds: 10_800 }, 'sts_duration', /MaxSessionDuration/],
    ['no policy', { policy: '{}' }, 'sts_session_policy', /not an IAM policy/],
    [
      'a policy and tags that fill the space',
      {
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'x'.repeat(1900), Resource: '*' }],
        }),
        tags: [{ key: 'a', value: 'b'.repeat(256) }],
      },
      'sts_session_policy',
      /shorten/,
    ],
    ['a transitive key without its tag', { transitiveTagKeys: ['a'] }, 'sts_refused', /sessionTags and transitiveTags/],
    ['an ARN of something else', { roleArn: `arn:aws:iam::${HOME}:user/alice` }, 'sts_refused', /role ARN is not one/],
    ['a name of one letter', { roleSessionName: 'a' }, 'sts_refused', /names the member/],
  ] as const)('%s is refused with its cause and fix', async (_, changes, code, sentence) => {
    const error = await refusal(sts().assumeRole(assume(changes)));
    expect(error).toMatchObject({ name: 'BrokerError', code, message: expect.stringMatching(sentence) });
    expect(error.message).not.toContain(BROKER.secretAccessKey);
  });

  test('a clock that is wrong is corrected by what STS says, once', async () => {
    aws.setClockOffset(3600);
    await expect(sts().assumeRole(assume())).resolves.toHaveProperty('credentials');
  });

  test.each(['reset', 'status'] as const)('an STS in trouble (%s) is sts_unavailable', async (kind) => {
    aws.faults.set(kind === 'reset' ? { reset: true } : { status: 503 });
    await expect(sts().assumeRole(assume())).rejects.toMatchObject({ code: 'sts_unavailable' });
  });
});

describe('getFederationToken', () => {
  test('makes a federated user', async () => {
    const wish = federate({ durationSeconds: 129_600, tags: [{ key: 'team', value: 'payments' }] });
    const { assumedRoleArn, credentials } = await sts().getFederationToken(wish);
    expect(assumedRoleArn).toBe(`arn:aws:sts::${HOME}:federated-user/alice`);
    expect(credentials.expiration.getTime() - Date.now()).toBeGreaterThan(129_000_000);
  });

  test('is refused to session credentials, and to whom it is not allowed', async () => {
    const { credentials } = await sts().assumeRole(assume({ roleArn: roleArn('Hub') }));
    const bySession = await refusal(sts().getFederationToken(federate({ signer: keys(credentials) })));
    expect(bySession).toMatchObject({ code: 'sts_access_denied', message: expect.stringMatching(/long-term keys/) });
    const alice = { accessKeyId: 'AKIAEXAMPLEALICE0000', secretAccessKey: 'secret-of-AKIAEXAMPLEALICE0000' };
    const byAlice = await refusal(sts().getFederationToken(federate({ signer: keys(alice) })));
    expect(byAlice).toMatchObject({ code: 'sts_access_denied', message: expect.stringMatching(/allow the IAM user/) });
  });
});

describe('the own identity', () => {
  test('comes from the container it runs in, and is chained: an hour and no more', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${aws.url}/v2/credentials/task1`);
    const wish = assume({ signer: createOwnIdentity(), roleArn: roleArn('OfTask') });
    const { credentials } = await sts().assumeRole(wish);
    expect(aws.events.at(-1)?.userIdentity).toMatchObject({ arn: expect.stringMatching(/assumed-role\/Task\/task1$/) });
    expect(credentials.expiration.getTime() - Date.now()).toBeGreaterThan(3_500_000);
    const error = await refusal(sts().assumeRole({ ...wish, durationSeconds: 3601 }));
    expect(error).toMatchObject({ code: 'sts_duration', details: { isChaining: true } });
  });

  test('that is missing is said in words, and no key of anybody is in them', async () => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    const error = await refusal(sts().assumeRole(assume({ signer: createOwnIdentity() })));
    expect(error).toMatchObject({
      code: 'sts_refused',
      message: expect.stringMatching(/found no AWS credentials/),
    });
  });

  test('is not looked for by a call that is not signed', async () => {
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${aws.url}/v2/credentials/task1`);
    const before = aws.events.length;
    const call = {
      region: 'eu-west-1',
      roleArn: roleArn('Account'),
      principalArn: `arn:aws:iam::${HOME}:saml-provider/x`,
    };
    const minted = { ...call, samlAssertion: 'AAAA', durationSeconds: 900, policy: undefined };
    await refusal(createSts(stsOptions(() => aws.url)).assumeRoleWithSaml(minted));
    expect(aws.events.slice(before).map(({ eventName }) => eventName)).toEqual(['AssumeRoleWithSAML']);
  });
});
