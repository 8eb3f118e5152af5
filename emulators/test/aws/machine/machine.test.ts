// Roles of EC2, ECS and EKS: what each endpoint gives, to whom, and that the SDKs' default chains find it.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { runAwsCli } from '../../../../test/support/aws-cli.ts';
import { boto3Python } from '../../../../test/support/parts/parts.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../aws/server.ts';
import { rawRequest } from '../support/raw-request.ts';

const run = promisify(execFile);
const account = '111122223333';
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const session = (name: string, who: string) => `arn:aws:sts::${account}:assumed-role/${name}/${who}`;
const trusting = (Service: string, Condition?: unknown) => ({
  Statement: { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole', ...(Condition ? { Condition } : {}) },
});
const token = 'eyJ.service.account';
const instance = { id: 'i-0123456789abcdef0', roleArn: role('Broker') };
const estate: Estate = {
  machine: {
    instance,
    tasks: { 'task-1': { roleArn: role('Task') }, 'task-2': { roleArn: role('Broker') } },
    pods: { [token]: { name: 'broker-7d9', roleArn: role('Pod') } },
  },
  accounts: [
    {
      id: account,
      name: 'Broker',
      roles: [
        { name: 'Broker', trustPolicy: trusting('ec2.amazonaws.com') },
        { name: 'Task', trustPolicy: trusting('ecs-tasks.amazonaws.com') },
        { name: 'Pod', trustPolicy: trusting('pods.eks.amazonaws.com') },
        {
          name: 'Pinned',
          trustPolicy: trusting('ec2.amazonaws.com', { StringEquals: { 'aws:SourceAccount': account } }),
        },
      ],
    },
  ],
};
let aws: AwsEmulator;
let folder: string;

beforeAll(async () => {
  aws = await startAws({ now: systemClock.now, estate, region: 'eu-west-1' });
  folder = mkdtempSync(join(tmpdir(), 'rolegate-pod-'));
  writeFileSync(join(folder, 'token'), token);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});
beforeEach(() => {
  aws.setClockOffset(0);
  aws.setEstate(estate);
});
afterEach(() => vi.unstubAllEnvs());

const send = (method: string, path: string, headers: Record<string, string> = {}) =>
  rawRequest(aws.url, { method, path, headers });
const ttl = (seconds: string) => ({ 'x-aws-ec2-metadata-token-ttl-seconds': seconds });
const metadataToken = async () => (await send('PUT', '/latest/api/token', ttl('60'))).body;
const metadata = async (path: string, held?: string) =>
  send('GET', `/latest/${path}`, { 'x-aws-ec2-metadata-token': held ?? (await metadataToken()) });
const credentialsPath = 'meta-data/iam/security-credentials/';

describe('instance metadata', () => {
  test('a token by PUT opens region, instance, role and credentials', async () => {
    const given = await send('PUT', '/latest/api/token', ttl('60'));
    expect([given.status, given.headers['x-aws-ec2-metadata-token-ttl-seconds']]).toEqual([200, '60']);
    expect((await metadata('meta-data/placement/region')).body).toBe('eu-west-1');
    expect((await metadata('meta-data/instance-id')).body).toBe(instance.id);
    expect((await metadata(credentialsPath)).body).toBe('Broker');
    const document = JSON.parse((await metadata(`${credentialsPath}Broker`)).body) as Record<string, string>;
    expect(document).toMatchObject({ Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: expect.stringMatching(/^ASIA/) });
    expect(JSON.parse((await metadata(`${credentialsPath}Broker`)).body)).toMatchObject({ Token: document['Token'] });
    aws.setClockOffset(21_600 - 299);
    const next = JSON.parse((await metadata(`${credentialsPath}Broker`)).body) as Record<string, string>;
    expect(next['Token']).not.toBe(document['Token']);
  });

  const cases: [string, number, () => ReturnType<typeof send>][] = [
    ['no token', 401, () => send('GET', `/latest/${credentialsPath}`)],
    ['another token', 401, () => metadata(credentialsPath, 'AQAAA')],
    ['a token for no time', 400, () => send('PUT', '/latest/api/token', ttl('0'))],
    ['a token for too long', 400, () => send('PUT', '/latest/api/token', ttl('21601'))],
    ['a token without a time', 400, () => send('PUT', '/latest/api/token')],
    ['a token by GET', 405, () => send('GET', '/latest/api/token', ttl('60'))],
    [
      'a request that a proxy forwarded',
      403,
      () => send('PUT', '/latest/api/token', { ...ttl('60'), 'x-forwarded-for': '10.0.0.1' }),
    ],
    ['another role', 404, () => metadata(`${credentialsPath}Task`)],
    ['another path', 404, () => metadata('user-data')],
  ];
  test.each(cases)('refuses %s', async (_name, status, call) => {
    expect((await call()).status).toBe(status);
  });

  test('a token ends', async () => {
    const held = await metadataToken();
    aws.setClockOffset(61);
    expect((await metadata(credentialsPath, held)).status).toBe(401);
  });

  test('a role that does not trust EC2, or not without a condition, is not there', async () => {
    for (const name of ['Task', 'Pinned']) {
      aws.setEstate({ ...estate, machine: { instance: { ...instance, roleArn: role(name) } } });
      expect((await metadata(credentialsPath)).status).toBe(404);
    }
  });
});

describe('container credentials', () => {
  test('ECS knows its tasks and their roles', async () => {
    const given = await send('GET', '/v2/credentials/task-1');
    expect([given.status, JSON.parse(given.body)]).toMatchObject([200, { RoleArn: role('Task') }]);
    for (const id of ['task-2', 'none']) {
      const refused = await send('GET', `/v2/credentials/${id}`);
      expect([refused.status, JSON.parse(refused.body)]).toMatchObject([400, { code: 'InvalidIdInRequest' }]);
    }
  });

  test('EKS wants the token of the service account', async () => {
    expect((await send('GET', '/v1/credentials', { authorization: token })).status).toBe(200);
    expect((await send('GET', '/v1/credentials', { authorization: `${token}x` })).status).toBe(400);
    expect((await send('GET', '/v1/credentials')).status).toBe(400);
    expect((await send('POST', '/v1/credentials', { authorization: token })).status).toBe(405);
  });
});

describe('default chains', () => {
  const onInstance = { AWS_EC2_METADATA_SERVICE_ENDPOINT: '', AWS_EC2_METADATA_DISABLED: 'false' };
  const inTask = { AWS_CONTAINER_CREDENTIALS_FULL_URI: '' };
  beforeAll(() => {
    onInstance.AWS_EC2_METADATA_SERVICE_ENDPOINT = aws.url;
    inTask.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${aws.url}/v2/credentials/task-1`;
  });

  test('the AWS SDK for JavaScript on EC2', async () => {
    for (const [name, value] of Object.entries({ ...onInstance, AWS_CONFIG_FILE: '/dev/null', HOME: folder })) {
      vi.stubEnv(name, value);
    }
    const { Arn } = await new STSClient({ endpoint: aws.url, region: 'eu-west-1' }).send(
      new GetCallerIdentityCommand({}),
    );
    expect(Arn).toBe(session('Broker', instance.id));
  });

  test('the AWS CLI in ECS', async () => {
    const args = ['sts', 'get-caller-identity', '--endpoint-url', aws.url, '--query', 'Arn', '--output', 'text'];
    const { stdout } = await runAwsCli(args, { ...inTask, AWS_DEFAULT_REGION: 'eu-west-1' });
    expect(stdout.trim()).toBe(session('Task', 'task-1'));
  });

  test('boto3 in an EKS pod', async () => {
    const script = `import boto3; print(boto3.client('sts', endpoint_url='${aws.url}').get_caller_identity()['Arn'])`;
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
    };
    expect((await run(boto3Python(), ['-c', script], { env })).stdout.trim()).toBe(session('Pod', 'eks-broker-7d9'));
  });
});
