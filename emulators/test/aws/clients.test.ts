// The emulator under the clients people use: the AWS SDK for JavaScript and the AWS CLI always, boto3 where a Python has it.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import {
  AssumeRoleWithSAMLCommand,
  GetCallerIdentityCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../test/support/key-pairs.ts';
import { awsCliPath } from '../../../test/support/parts/parts.ts';
import { type AwsEmulator, startAws } from '../../aws/server.ts';
import { buildResponse, type ResponseParts } from './support/assertion-builder.ts';
import { attributes, ISSUER, metadataFor, PROVIDER, ROLE, sampleEstate, sampleParts } from './support/fixture.ts';

const run = promisify(execFile);
// The clients sign with the wall clock, so this emulator runs on it too.
const now = (): Date => new Date(performance.timeOrigin + performance.now());
const ARN = 'arn:aws:sts::111122223333:assumed-role/Developer/alice@example.com';
const ENV = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_DEFAULT_REGION: 'us-east-1',
};
let aws: AwsEmulator;
let key: string;

beforeAll(async () => {
  const pair = keyPair('minting');
  key = pair.key;
  aws = await startAws({ now, estate: sampleEstate(metadataFor(ISSUER, [pair])) });
});
afterAll(() => aws.close());

function currentAssertion(overrides: Partial<ResponseParts> = {}): string {
  const within = (seconds: number): string => new Date(now().getTime() + seconds * 1000).toISOString();
  const times = {
    issueInstant: within(0),
    responseIssueInstant: within(0),
    notBefore: within(-60),
    notOnOrAfter: within(120),
    confirmationNotOnOrAfter: within(120),
  };
  return buildResponse(sampleParts({ ...times, ...overrides }), { key });
}

describe('the AWS SDK for JavaScript', () => {
  const client = (config: STSClientConfig = {}): STSClient =>
    new STSClient({ endpoint: aws.url, region: 'us-east-1', maxAttempts: 1, ...config });
  const assume = (sts: STSClient, overrides: Partial<ResponseParts> = {}, DurationSeconds?: number) =>
    sts.send(
      new AssumeRoleWithSAMLCommand({
        RoleArn: ROLE,
        PrincipalArn: PROVIDER,
        SAMLAssertion: currentAssertion(overrides),
        ...(DurationSeconds === undefined ? {} : { DurationSeconds }),
      }),
    );
  const credentials = async () => {
    const { Credentials: issued } = await assume(client());
    return {
      accessKeyId: issued?.AccessKeyId ?? '',
      secretAccessKey: issued?.SecretAccessKey ?? '',
      sessionToken: issued?.SessionToken ?? '',
    };
  };

  test('gets credentials and learns with them who it is', async () => {
    const answer = await assume(client(), { attributes: attributes({ SourceIdentity: ['alice'] }) });
    expect(answer.AssumedRoleUser?.Arn).toBe(ARN);
    expect(answer.SourceIdentity).toBe('alice');
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const identity = await client({ credentials: await credentials() }).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(ARN);
  });

  test('sees modelled and other errors by their code', async () => {
    await expect(assume(client(), { issuer: 'urn:x' })).rejects.toMatchObject({
      name: 'InvalidIdentityTokenException',
      Code: 'InvalidIdentityToken',
    });
    await expect(assume(client(), { issueInstant: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    });
    await expect(assume(client(), { recipient: 'urn:x' })).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume(client(), {}, 3601)).rejects.toMatchObject({ name: 'ValidationError' });
    const wrong = client({ credentials: { ...(await credentials()), secretAccessKey: 'x' } });
    await expect(wrong.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  test('retries what the service says may be retried', async () => {
    aws.faults.set({ status: 503, times: 1 });
    const answer = await assume(client({ maxAttempts: 2 }));
    expect(answer.$metadata.attempts).toBe(2);
  });

  test('corrects its clock by the Date header', async () => {
    aws.setClockOffset(3000);
    const late = client({ credentials: await credentialsAt(3000), maxAttempts: 2 });
    const identity = await late.send(new GetCallerIdentityCommand({}));
    aws.setClockOffset(0);
    expect([identity.Arn, identity.$metadata.attempts]).toEqual([ARN, 2]);
  });

  async function credentialsAt(offset: number) {
    aws.setClockOffset(0);
    const issued = await credentials();
    aws.setClockOffset(offset);
    return issued;
  }
});

// The AWS CLI is always there; boto3 is tried wherever a Python has it.
const boto3 = spawnSync('python3', ['-c', 'import boto3'], { env: ENV }).status === 0 ? ['python3'] : [];

describe('the AWS CLI', () => {
  const cli = async (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { stdout } = await run(awsCliPath(), ['sts', ...args, '--endpoint-url', aws.url], {
      env: { ...ENV, ...env },
    });
    return stdout;
  };

  test('gets credentials without having any, and learns with them who it is', async () => {
    const assertion = ['--saml-assertion', currentAssertion()];
    const arns = ['--role-arn', ROLE, '--principal-arn', PROVIDER];
    const text = ['--output', 'text', '--query'];
    const path = 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]';
    const output = await cli(['assume-role-with-saml', ...arns, ...assertion, ...text, path]);
    const [id = '', secret = '', token = ''] = output.trim().split(/\s+/);
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token };
    expect((await cli(['get-caller-identity', ...text, 'Arn'], env)).trim()).toBe(ARN);
  });

  test('shows the error of the service', async () => {
    const arns = ['--role-arn', ROLE, '--principal-arn', PROVIDER];
    const call = cli(['assume-role-with-saml', ...arns, '--saml-assertion', 'AAAA']);
    await expect(call).rejects.toMatchObject({ stderr: expect.stringContaining('(InvalidIdentityToken)') });
  });
});

for (const python of boto3) {
  test(`boto3 of ${python} gets credentials, learns who it is, and presigns`, async () => {
    const script = `
import boto3, sys, urllib.request
url, role, provider, assertion = sys.argv[1:]
c = boto3.client('sts', endpoint_url=url).assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)['Credentials']
sts = boto3.client('sts', endpoint_url=url, aws_access_key_id=c['AccessKeyId'], aws_secret_access_key=c['SecretAccessKey'], aws_session_token=c['SessionToken'])
print(sts.get_caller_identity()['Arn'], c['Expiration'].tzinfo is not None)
print(urllib.request.urlopen(sts.generate_presigned_url('get_caller_identity', ExpiresIn=60, HttpMethod='GET')).status)
`;
    const { stdout } = await run(python, ['-c', script, aws.url, ROLE, PROVIDER, currentAssertion()], { env: ENV });
    expect(stdout.trim().split('\n')).toEqual([`${ARN} True`, '200']);
  });
}
