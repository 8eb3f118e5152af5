// Secrets Manager, Parameter Store and Organizations with the SDK that applications use.
import { ListAccountsCommand, OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../aws/server.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const keys = (name: string) => ({ accessKeyId: `AKIAEXAMPLE${name}`, secretAccessKey: `secret of ${name}` });
const user = (name: string, Action: string[], Resource = '*') => ({
  ...{ name, ...keys(name) },
  policies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] }],
});
const secretArn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:db-*';

let aws: AwsEmulator;
beforeAll(async () => {
  const users = [
    user('ALL', ['*']),
    user('SECRET', ['secretsmanager:GetSecretValue'], secretArn),
    user('NONE', ['s3:GetObject']),
  ];
  const secrets = [{ name: 'db', versions: { AWSCURRENT: 'now', AWSPREVIOUS: 'before', key: Buffer.from([1, 2]) } }];
  const parameters = [{ name: '/a/b', type: 'SecureString' as const, values: ['one', 'two'] }];
  const members = Array.from({ length: 45 }, (_, index) => ({
    ...{ id: String(200000000000 + index), name: `Account ${index}` },
    ...(index === 44 && { state: 'SUSPENDED' as const }),
  }));
  const outside = { id: '999988887777', name: 'Outside', roles: [], users: [user('OUTSIDE', ['*'])] };
  aws = await startAws({
    now: () => now,
    estate: {
      accounts: [{ id: '111122223333', name: 'Management', roles: [], users, secrets, parameters }, outside],
      organization: { managementAccountId: '111122223333', members },
    },
  });
});
afterAll(() => aws.close());

function settings(name: string, secretAccessKey = keys(name).secretAccessKey) {
  const credentials = { accessKeyId: keys(name).accessKeyId, secretAccessKey };
  const offset = now.getTime() - Date.now();
  return { region: 'us-east-1', endpoint: aws.url, maxAttempts: 1, systemClockOffset: offset, credentials };
}

const secretOf = (SecretId: string, VersionStage?: string, with_ = settings('ALL')) =>
  new SecretsManagerClient(with_).send(new GetSecretValueCommand({ SecretId, VersionStage }));

test('GetSecretValue: by name and ARN, by stage, text and bytes', async () => {
  const current = await secretOf('db');
  expect(current).toMatchObject({ Name: 'db', SecretString: 'now', VersionStages: ['AWSCURRENT'] });
  expect((await secretOf(current.ARN!, 'AWSPREVIOUS')).SecretString).toBe('before');
  expect((await secretOf(current.ARN!.slice(0, -7))).SecretString).toBe('now');
  expect(await secretOf('db', 'key')).toMatchObject({ SecretBinary: new Uint8Array([1, 2]) });
  await expect(secretOf('absent')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(secretOf('db', 'absent')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('GetSecretValue: for who may, with the right secret, and in the events', async () => {
  expect((await secretOf('db', undefined, settings('SECRET'))).SecretString).toBe('now');
  await expect(secretOf('other', undefined, settings('SECRET'))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  await expect(secretOf('db', undefined, settings('NONE'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(secretOf('db', undefined, settings('ALL', 'wrong'))).rejects.toMatchObject({
    name: 'InvalidSignatureException',
  });
  expect(aws.events.at(-2)).toMatchObject({
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: 'GetSecretValue',
    errorCode: 'AccessDeniedException',
    requestParameters: { secretId: 'db' },
  });
  expect(JSON.stringify(aws.events)).not.toContain('SecretString');
});

test('GetParameter: the newest version or one by number, decrypted on demand', async () => {
  const read = (Name: string, WithDecryption = true, name = 'ALL') =>
    new SSMClient(settings(name)).send(new GetParameterCommand({ Name, WithDecryption }));
  expect((await read('/a/b')).Parameter).toMatchObject({ Value: 'two', Version: 2, Type: 'SecureString' });
  expect((await read('/a/b:1')).Parameter?.Value).toBe('one');
  expect((await read('arn:aws:ssm:us-east-1:111122223333:parameter/a/b')).Parameter?.Value).toBe('two');
  expect((await read('/a/b', false)).Parameter?.Value).not.toContain('two');
  await expect(read('/a/b:9')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  await expect(read('/absent')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  await expect(read('/a/b', true, 'NONE')).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('ListAccounts: pages of at most twenty, and only for the management account', async () => {
  const sizes: number[] = [];
  const states = new Set<unknown>();
  for await (const page of paginateListAccounts({ client: new OrganizationsClient(settings('ALL')) }, {})) {
    sizes.push(page.Accounts!.length);
    for (const { State } of page.Accounts!) states.add(State);
  }
  expect(sizes).toEqual([20, 20, 5]);
  expect([...states]).toEqual(['ACTIVE', 'SUSPENDED']);
  const list = (name: string) => new OrganizationsClient(settings(name)).send(new ListAccountsCommand({}));
  await expect(list('NONE')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(list('OUTSIDE')).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
