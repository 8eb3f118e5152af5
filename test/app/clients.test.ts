// The tools that people use accept what the API hands out: as environment, and as the answer of a credential_process.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Credentials } from '../../src/wire/api.ts';
import { runAwsCli } from '../support/aws-cli.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { signIn } from './support/sign-in.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-clients-'));
const expectedArn = 'arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example';
let demo: TestDemo;
let credentials: Credentials;
let environment: Record<string, string>;

beforeAll(async () => {
  demo = await startTestDemo();
  const browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, 'alice');
  const roleArn = 'arn:aws:iam::444455556666:role/Developer';
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn, durationSeconds: 900 });
  credentials = answer.json() as Credentials;
  writeFileSync(join(directory, 'answer.json'), answer.body);
  environment = {
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.SessionToken,
    AWS_DEFAULT_REGION: 'eu-west-1',
  };
  browser.close();
});

afterAll(async () => {
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('the API answers the credential_process document with the role, its session and its length', () => {
  expect(credentials).toMatchObject({
    Version: 1,
    RoleArn: 'arn:aws:iam::444455556666:role/Developer',
    AssumedRoleArn: expectedArn,
    DurationSeconds: 900,
    DurationLimitedBy: 'request',
  });
});

test('the AWS CLI takes the answer through credential_process', async () => {
  const config = join(directory, 'config');
  writeFileSync(
    config,
    `[profile work]\nregion = eu-west-1\ncredential_process = cat ${join(directory, 'answer.json')}\n`,
  );
  const args = ['--profile', 'work', 'sts', 'get-caller-identity', '--endpoint-url', demo.awsUrl, '--output', 'json'];
  const { code, stdout, stderr } = await runAwsCli(args, { AWS_CONFIG_FILE: config });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ Arn: expectedArn, Account: '444455556666' });
});

test('the AWS SDK for JavaScript takes the answer', async () => {
  const client = new STSClient({
    region: 'eu-west-1',
    endpoint: demo.awsUrl,
    credentials: {
      accessKeyId: credentials.AccessKeyId,
      secretAccessKey: credentials.SecretAccessKey,
      sessionToken: credentials.SessionToken,
      expiration: new Date(credentials.Expiration),
    },
  });
  expect((await client.send(new GetCallerIdentityCommand({}))).Arn).toBe(expectedArn);
  client.destroy();
});

// The AWS CLI above is built on botocore; boto3 itself is tried wherever a Python has it.
for (const python of pythonsWithBoto3()) {
  test(`boto3 of ${python} takes the answer`, async () => {
    const script =
      'import boto3,sys; print(boto3.client("sts", endpoint_url=sys.argv[1]).get_caller_identity()["Arn"])';
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    const { stdout } = await promisify(execFile)(python, ['-c', script, demo.awsUrl], { env });
    expect(stdout.trim()).toBe(expectedArn);
  });
}

function pythonsWithBoto3(): string[] {
  return ['python3', '/usr/bin/python3'].filter((python) => {
    try {
      execFileSync(python, ['-c', 'import boto3'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
