// The tools that people use, through profiles that `rolegate profiles sync` wrote: they start the command by themselves,
// from a folder with spaces, against the real broker and the sample company's AWS; and where a Python has moto, against its STS, a second opinion
// on what goes over the wire.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { awsClis, runAwsCli } from '../support/aws-cli.ts';
import { endsWithUs } from '../support/children.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { logIn, openTerminal, type Terminal } from './support/command-line.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';

vi.setConfig({ testTimeout: 90_000 });

const profile = 'payments-dev-Developer';
// Profiles that rolegate did not write: by other tools, with a letter outside ASCII, CRLF, and no newline at the end.
const mine =
  '# Größe\r\n[default]\r\nregion = eu-west-1\r\ns3 =\r\n  max_queue_size = 20\r\n[profile mine]\r\noutput = json';
let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildBundle();
});
afterAll(() => bundle?.remove());

interface Workplace {
  readonly demo: TestDemo;
  readonly terminal: Terminal;
  readonly config: string;
}

/** Alice's machine, signed in, with her profiles. */
async function setUp(demo: TestDemo): Promise<Workplace> {
  const terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
  const config = join(terminal.home, '.aws/config');
  mkdirSync(join(config, '..'));
  writeFileSync(config, mine);
  const browser = createHttpBrowser();
  await logIn(terminal, browser, 'alice', '--no-browser');
  browser.close();
  // Each of these tools takes the quotes away in its own way.
  const folder = join(terminal.home, 'my tools (new)');
  mkdirSync(folder);
  const links = { 'the node': process.execPath, 'rolegate.cjs': bundle.file };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
  const helper = Object.keys(links)
    .map((name) => `"${join(folder, name)}"`)
    .join(' ');
  expect((await terminal.run('profiles', 'sync', '--yes', '--helper', helper)).stderr).toMatch(
    / has \d+ profiles of this broker: \d+ added\n$/,
  );
  expect(readFileSync(config, 'utf8')).toContain(`credential_process = /usr/bin/env ${helper} credential-process`);
  expect(readFileSync(config, 'utf8').startsWith(mine)).toBe(true);
  return { demo, terminal, config };
}

/** Each tool asks AWS who it is. @param endpoint STS */
function askEach(workplace: () => Workplace, endpoint: () => string, arn: string): void {
  const identity = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'];

  test.each(awsClis())('the AWS CLI %s', async (program) => {
    const { config, terminal } = workplace();
    const env = { AWS_CONFIG_FILE: config, HOME: terminal.home };
    const args = ['--profile', profile, '--endpoint-url', endpoint(), ...identity];
    expect(await runAwsCli(args, env, program)).toEqual({ code: 0, stderr: '', stdout: `${arn}\n` });
  });

  test('the AWS SDK for JavaScript', async () => {
    const { config, terminal } = workplace();
    const find = defaultProvider({ profile, configFilepath: config, filepath: '/dev/null' });
    const credentials = () => inHome(terminal.home, find);
    const client = new STSClient({ region: 'eu-west-1', endpoint: endpoint(), credentials });
    expect((await client.send(new GetCallerIdentityCommand())).Arn).toBe(arn);
    client.destroy();
  });

  test.each(pythonsWith('boto3'))('boto3 of %s, which sees the profiles of others as well', async (python) => {
    const { config, terminal } = workplace();
    const script = `
import boto3, json, sys
s = boto3.Session(profile_name=sys.argv[1])
print(json.dumps([s.available_profiles, s.region_name, s.client('sts', endpoint_url=sys.argv[2]).get_caller_identity()['Arn']]))`;
    const env = { PATH: process.env['PATH'], HOME: terminal.home, AWS_CONFIG_FILE: config };
    const { stdout } = await promisify(execFile)(python, ['-c', script, profile, endpoint()], { env });
    expect(JSON.parse(stdout)).toEqual([expect.arrayContaining(['default', 'mine', profile]), 'eu-west-1', arn]);
  });

  test('all of them with the credentials of one request', () => {
    const issued = workplace().demo.audit.filter(({ event }) => event === 'credentials_issued');
    expect(issued).toHaveLength(1);
  });
}

describe('against the sample company', () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await setUp(await startTestDemo());
  });
  afterAll(async () => {
    workplace?.terminal.remove();
    await workplace?.demo.close();
  });

  askEach(
    () => workplace,
    () => workplace.demo.awsUrl,
    'arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example',
  );
});

describe.each(pythonsWith('moto.server'))('against the STS of moto of %s', (python) => {
  let workplace: Workplace;
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto(python);
    const atMoto = (config: Record<string, unknown>) => {
      const aws = config['aws'] as { endpoints: object };
      return { ...config, aws: { ...aws, endpoints: { ...aws.endpoints, sts: moto.url } } };
    };
    workplace = await setUp(await startTestDemo({ adjust: atMoto }));
  });
  afterAll(async () => {
    workplace?.terminal.remove();
    await workplace?.demo.close();
    await moto?.stop();
  });

  askEach(
    () => workplace,
    () => moto.url,
    // It knows the account of a key that it gave for an assertion, and not the role.
    'arn:aws:sts::444455556666:user/moto',
  );
});

interface Moto {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startMoto(python: string): Promise<Moto> {
  const port = await freeConsecutivePorts(1);
  const child = endsWithUs(
    spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  await listens(child);
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  return { url: `http://127.0.0.1:${port}`, stop };
}

function listens(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said += chunk;
      if (/Running on http/.test(said)) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto ended with ${code}: ${said}`)));
  });
}

/** The SDK hands its own environment to the command. */
async function inHome<T>(home: string, work: () => Promise<T>): Promise<T> {
  const { HOME } = process.env;
  process.env['HOME'] = home;
  try {
    return await work();
  } finally {
    process.env['HOME'] = HOME;
  }
}

function pythonsWith(module: string): string[] {
  return ['python3', '/usr/bin/python3'].filter((python) => {
    try {
      execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
