// Passwords for databases and for CodeCommit against those of botocore and the AWS CLI, byte for byte.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { boto3Python } from '../../support/parts/parts.ts';
import { cacheFor, roleArn } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const broker = 'https://broker.example.com';
const keys = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'se/cret+', SessionToken: 'to/ken+==' };
let machine: Machine;
let now: Date;

beforeEach(() => {
  machine = createMachine({ clock: { now: () => now }, env: { ROLEGATE_URL: broker } });
  cacheFor(machine.context, broker);
  const Expiration = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
  const more = { Version: 1, RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, Expiration } as const;
  writeCached(machine.context, { broker, roleArn }, { ...more, ...keys, DurationLimitedBy: 'rule' } as Credentials);
});
afterEach(() => machine.remove());

async function run(argv: readonly string[], input = ''): Promise<string> {
  machine.context.stdin.push(input);
  machine.context.stdin.push(null);
  await runProgram(machine.context, [...argv, '--role', roleArn]);
  return machine.takeStdout().trimEnd();
}

async function python(script: string): Promise<string> {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: keys.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.SecretAccessKey,
    AWS_SESSION_TOKEN: keys.SessionToken,
    AWS_DEFAULT_REGION: 'eu-west-1',
  };
  return (await promisify(execFile)(boto3Python(), ['-c', script], { env })).stdout.trimEnd();
}

const dateOf = (stamp: string) => new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:'));

test.each(['db.abc1.eu-west-1.rds.amazonaws.com', 'localhost'])('rds-token for %s is that of boto3', async (host) => {
  const call = `generate_db_auth_token(${JSON.stringify(host)}, 5432, 'app+user@x')`;
  const theirs = new URL(`https://${await python(`import boto3; print(boto3.client('rds').${call})`)}`);
  now = dateOf(theirs.searchParams.get('X-Amz-Date')!);
  const region = host === 'localhost' ? ['--region', 'eu-west-1'] : [];
  const words = ['rds-token', '--hostname', host, '--port', '5432', '--username', 'app+user@x', ...region];
  const ours = new URL(`https://${await run(words)}`);
  expect(ours.host).toBe(theirs.host);
  expect([...ours.searchParams].sort()).toEqual([...theirs.searchParams].sort());
});

const commit = `
import io, sys
from awscli.clidriver import create_clidriver
sys.stdin = io.StringIO('protocol=https\\nhost=git-codecommit.eu-west-1.amazonaws.com\\npath=v1/repos/Pay ments-ü\\n\\n')
import fileinput
create_clidriver().main(['codecommit', 'credential-helper', 'get'])
`;

test('codecommit-credential get is the AWS CLI’s', async () => {
  const theirs = await python(commit);
  now = dateOf(`${/password=(\w{15})Z/.exec(theirs)![1]!}Z`);
  const input = 'protocol=https\nhost=git-codecommit.eu-west-1.amazonaws.com\npath=v1/repos/Pay ments-ü\n\n';
  expect(await run(['codecommit-credential', 'get'], input)).toBe(theirs);
});

test.each([
  'git-codecommit.eu-west-1.amazonaws.com.evil.example',
  'git-codecommit.eu-west-1.evil.example',
  'github.com',
])('codecommit-credential gives nothing for %s', async (host) => {
  now = new Date();
  expect(await run(['codecommit-credential', 'get'], `protocol=https\nhost=${host}\npath=v1/repos/a\n\n`)).toBe('');
});

test('codecommit-credential gives nothing for http', async () => {
  now = new Date();
  const host = 'host=git-codecommit.eu-west-1.amazonaws.com';
  expect(await run(['codecommit-credential', 'get'], `protocol=http\n${host}\npath=v1/repos/a\n`)).toBe('');
});

test('codecommit-credential store does nothing', async () => {
  expect(await run(['codecommit-credential', 'store'], 'protocol=https\nusername=x\npassword=y\n')).toBe('');
});

test('codecommit-credential says which setting of git is missing', async () => {
  const input = 'protocol=https\nhost=git-codecommit.eu-west-1.amazonaws.com\n';
  await expect(run(['codecommit-credential', 'get'], input)).rejects.toThrow(/credential\.useHttpPath/);
});
