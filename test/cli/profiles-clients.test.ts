// The tools that people use, through a profile that `rolegate profiles sync` wrote: they start the command by themselves.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAwsCli } from '../support/aws-cli.ts';
import { type SmallBroker, signInAt, startSmallBroker } from './support/broker.ts';
import { type Bundle, buildBundle } from './support/bundle.ts';
import { createMachine, type Machine } from './support/machine.ts';

const profile = 'payments-dev-Developer';
const accessKeyId = /^ASIA0{15}\d$/;
let bundle: Bundle;
let broker: SmallBroker;
let sts: Server;
let stsUrl: string;
let machine: Machine;
let config: string;

beforeAll(async () => {
  [bundle, broker] = await Promise.all([buildBundle(), startSmallBroker()]);
  sts = createServer((request, response) => {
    const key = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1];
    const answer = `<GetCallerIdentityResult><UserId>${key}</UserId></GetCallerIdentityResult>`;
    response.end(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${answer}</GetCallerIdentityResponse>`,
    );
  });
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  stsUrl = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  machine = createMachine();
  config = join(machine.home, '.aws/config');
  signInAt(machine.context, broker.url);
  mkdirSync(join(config, '..'));
  writeFileSync(
    config,
    '# Größe\r\n[default]\r\nregion = eu-west-1\r\ns3 =\r\n  max_queue_size = 20\r\n[profile mine]\r\noutput = json',
  );
  const { code, stderr } = await bundle.run(machine.home, ['profiles', 'sync', '--yes', '--broker', broker.url]);
  expect([code, stderr]).toEqual([0, `${config} has 1 profile of this broker: 1 added\n`]);
});

afterAll(async () => {
  bundle?.remove();
  machine?.remove();
  await broker?.close();
  await new Promise((resolve) => sts?.close(resolve));
});

test('the AWS CLI', async () => {
  const args = [
    '--profile',
    profile,
    'sts',
    'get-caller-identity',
    '--endpoint-url',
    stsUrl,
    '--query',
    'UserId',
    '--output',
    'text',
  ];
  const { code, stdout, stderr } = await runAwsCli(args, { AWS_CONFIG_FILE: config, HOME: machine.home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim()).toMatch(accessKeyId);
});

test('the AWS SDK for JavaScript', async () => {
  const answer = await inHome(() => defaultProvider({ profile, configFilepath: config, filepath: '/dev/null' })());
  expect(answer.accessKeyId).toMatch(accessKeyId);
});

/** The SDK hands its own environment to the command. */
async function inHome<T>(work: () => Promise<T>): Promise<T> {
  const { HOME } = process.env;
  process.env['HOME'] = machine.home;
  try {
    return await work();
  } finally {
    process.env['HOME'] = HOME;
  }
}

for (const python of pythonsWithBoto3()) {
  test(`boto3 of ${python}, which sees the profiles of others as well`, async () => {
    const script = `
import boto3, json, sys
s = boto3.Session(profile_name=sys.argv[1])
print(json.dumps([s.available_profiles, s.region_name, s.get_credentials().access_key]))`;
    const env = { PATH: process.env['PATH'], HOME: machine.home, AWS_CONFIG_FILE: config };
    const { stdout } = await promisify(execFile)(python, ['-c', script, profile], { env });
    const [names, region, key] = JSON.parse(stdout);
    expect([names.sort(), region]).toEqual([['default', 'mine', profile], 'eu-west-1']);
    expect(key).toMatch(accessKeyId);
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
