// `rolegate mfa` against an STS that checks signatures, codes and devices: keys in the AWS files, a session for the tools.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PassThrough } from 'node:stream';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { totpCode } from '../../../emulators/aws/sts/mfa.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const account = '111122223333';
const device = { serialNumber: `arn:aws:iam::${account}:mfa/carol`, seed: 'JBSWY3DPEHPK3PXP' };
const keys = { accessKeyId: 'AKIAEXAMPLECAROL0000', secretAccessKey: 'secret/key+of=carol' };
const roleArn = `arn:aws:iam::${account}:role/Guarded`;

let now = new Date('2026-03-02T09:00:00Z');
let aws: AwsEmulator;
let machine: Machine;

beforeAll(async () => {
  const trustPolicy = {
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:user/carol` },
      Action: 'sts:AssumeRole',
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' }, StringEquals: { 'sts:ExternalId': 'ext-1' } },
    },
  };
  const policies = [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' } }];
  aws = await startAws({
    now: () => now,
    estate: {
      accounts: [
        {
          id: account,
          name: 'Payments',
          roles: [{ name: 'Guarded', trustPolicy }],
          users: [{ name: 'carol', ...keys, policies, mfaDevices: [device] }],
        },
      ],
    },
  });
});
afterAll(() => aws.close());

const config = `[profile carol]
region = eu-west-1
mfa_serial = ${device.serialNumber}

[profile guarded]
source_profile = carol
role_arn = ${roleArn}
external_id = ext-1
mfa_serial = ${device.serialNumber}

[profile other-device]
source_profile = carol
mfa_serial = arn:aws:iam::${account}:mfa/somebody

[profile bare]
region = eu-west-1
`;

beforeEach(() => {
  // A code works once: each test has its own half minute.
  now = new Date(now.getTime() + 60_000);
  machine = createMachine({ env: { AWS_ENDPOINT_URL_STS: aws.url }, clock: { now: () => now } });
  mkdirSync(join(machine.home, '.aws'));
  writeFileSync(join(machine.home, '.aws/config'), config);
  const section = `[carol]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`;
  writeFileSync(join(machine.home, '.aws/credentials'), section);
});
afterEach(() => machine.remove());

const run = (...argv: string[]) => runProgram(machine.context, ['mfa', ...argv]);
const code = () => totpCode(device.seed, now);

async function callerOf(json: string): Promise<string | undefined> {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = JSON.parse(json);
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  const client = new STSClient({
    region: 'eu-west-1',
    endpoint: aws.url,
    credentials,
    systemClockOffset: now.getTime() - Date.now(),
  });
  const { Arn } = await client.send(new GetCallerIdentityCommand());
  client.destroy();
  return Arn;
}

describe('a code', () => {
  test('gives a session of the user, which tools get from the cache until it ends', async () => {
    await run('--profile', 'carol', '--code', code(), '--duration', '1h');
    expect(machine.takeStderr()).toContain('carol: a session with MFA, until');
    expect(machine.takeStdout()).toBe('');
    await run('--profile', 'carol', '--process');
    const json = machine.takeStdout();
    expect(JSON.parse(json)).toMatchObject({
      Version: 1,
      Expiration: new Date(now.getTime() + 3_600_000).toISOString().replace('.000', ''),
    });
    expect(await callerOf(json)).toBe(`arn:aws:iam::${account}:user/carol`);
    expect(json).not.toContain(keys.secretAccessKey);
    now = new Date(now.getTime() + 3_600_000);
    await expect(run('--profile', 'carol', '--process')).rejects.toMatchObject({
      exit: 'login',
      message: 'there is no session with MFA for carol: run `rolegate mfa --profile carol`',
    });
  });

  test('opens a role that asks for it, with the keys of the source profile', async () => {
    await run('--profile', 'guarded', '--code', code());
    await run('--profile', 'guarded', '--process');
    expect(await callerOf(machine.takeStdout())).toBe(`arn:aws:sts::${account}:assumed-role/Guarded/rolegate-mfa`);
  });

  test('is asked for at an interactive terminal', async () => {
    const { stdin } = machine.context;
    const asking = runProgram({ ...machine.context, isInteractive: true }, ['mfa', '--profile', 'carol']);
    (stdin as PassThrough).write(`${code()}\n`);
    await asking;
    expect(machine.takeStderr()).toMatch(/Code of the MFA device for carol: .*\n?.*a session with MFA/);
  });
});

describe('is refused, with what to do:', () => {
  test.each([
    ['a code that was used', ['--profile', 'carol'], 'denied', 'wait for the next'],
    ['a device of another user', ['--profile', 'other-device'], 'denied', 'check mfa_serial'],
    ['no device', ['--profile', 'bare', '--serial', device.serialNumber], 'usage', 'no long-term keys'],
    ['a profile that is not there', ['--profile', 'nobody'], 'usage', 'no profile nobody'],
  ])('%s', async (_, argv, exit, words) => {
    const used = code();
    await run('--profile', 'carol', '--code', used);
    const refused = run(...argv, '--code', used);
    await expect(refused).rejects.toMatchObject({ exit });
    await expect(refused).rejects.toThrow(words);
  });

  test('a code of five digits, before anything is sent', async () => {
    const before = aws.events.length;
    await expect(run('--profile', 'carol', '--code', '12345')).rejects.toMatchObject({ exit: 'usage' });
    expect(aws.events.length).toBe(before);
  });

  test('no terminal to ask at', async () => {
    await expect(run('--profile', 'carol')).rejects.toMatchObject({ exit: 'login' });
  });

  test('a clock that is off, by its name', async () => {
    const late = { ...machine.context, clock: { now: () => new Date(now.getTime() - 3_600_000) } };
    const refused = runProgram(late, ['mfa', '--profile', 'carol', '--code', code()]);
    await expect(refused).rejects.toMatchObject({ exit: 'clock' });
  });

  test('an endpoint on http elsewhere: the signature would go out in the clear', async () => {
    const astray = { ...machine.context, env: { AWS_ENDPOINT_URL_STS: 'http://sts.example' } };
    await expect(runProgram(astray, ['mfa', '--profile', 'carol', '--code', code()])).rejects.toThrow('not https');
  });
});

test.each([
  ['eusc-de-east-1', 'amazonaws.eu'],
  ['us-iso-east-1', 'c2s.ic.gov'],
  ['cn-north-1', 'amazonaws.com.cn'],
])('asks STS in %s below %s', async (region, suffix) => {
  machine.remove();
  // No proxy listens there: what the command says shows that it got as far as the call.
  machine = createMachine({ env: { HTTPS_PROXY: 'http://127.0.0.1:9' }, clock: { now: () => now } });
  mkdirSync(join(machine.home, '.aws'));
  writeFileSync(join(machine.home, '.aws/config'), config.replace('eu-west-1', region));
  const section = `[carol]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`;
  writeFileSync(join(machine.home, '.aws/credentials'), section);
  await expect(run('--profile', 'carol', '--code', '123456')).rejects.toThrow(`sts.${region}.${suffix}`);
});
