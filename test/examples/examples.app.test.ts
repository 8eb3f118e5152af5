// The programs of examples/use-credentials and the files of examples/integrations beside the demo, started as their README
// says, with credentials of the broker.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { makeKeyPair } from '../../emulators/keys.ts';
import { invoiceReader } from '../../examples/demo/services.ts';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import { writeKnownRoles } from '../../src/cli/machine/known-roles.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Credentials, credentials as credentialsSchema } from '../../src/wire/api.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { cacheFor } from '../cli/support/broker.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { startConnectProxy } from '../cli/support/connect-proxy.ts';
import { createMachine, type Machine } from '../cli/support/machine.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
let demo: TestDemo;
let machine: Machine;
let credentials: Credentials;
let bundle: Bundle;

beforeAll(async () => {
  [demo, bundle] = await Promise.all([startTestDemo(), buildBundle()]);
  const browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, 'alice');
  const answer = await browser.json(
    'POST',
    `${demo.brokerUrl}/api/v1/credentials`,
    { roleArn },
    { origin: demo.brokerUrl },
  );
  credentials = credentialsSchema.parse(JSON.parse(answer.body));
  browser.close();
});
afterAll(async () => {
  bundle?.remove();
  await demo?.close();
});

beforeEach(() => {
  machine = createMachine();
  cacheFor(machine.context, demo.brokerUrl);
  writeCached(machine.context, { broker: demo.brokerUrl, roleArn }, credentials);
});
afterEach(() => {
  vi.unstubAllEnvs();
  machine.remove();
});

const endpoints = () => ({ AWS_ENDPOINT_URL_S3: demo.awsUrl, AWS_ENDPOINT_URL_STS: demo.awsUrl });

/** `rolegate exec --role … -- node --import tsx PROGRAM ARGS`. */
async function exec(program: string, args: readonly string[] = [], options: readonly string[] = []): Promise<string[]> {
  const rolegate = [bundle.file, 'exec', '--broker', demo.brokerUrl, '--role', roleArn];
  const child = [process.execPath, '--import', 'tsx', join(root, 'examples/use-credentials', program), ...args];
  const env = { PATH: process.env['PATH'] ?? '', HOME: machine.home, ...endpoints() };
  const all = [...rolegate, '--region', 'eu-west-1', ...options, '--', ...child];
  const { stdout } = await run(process.execPath, all, { env, cwd: root });
  return stdout.trim().split('\n');
}

const invoices = ['15\t2026/01.csv', '15\t2026/02.csv'];

describe('rolegate exec', () => {
  test('lists a bucket with the SDK, whose credentials renew', async () => {
    expect(await exec('list-bucket.ts', ['sample-invoices'], ['--server'])).toEqual(invoices);
  });

  test('lists it with a request signed by hand, and only what the person may see', async () => {
    expect(await exec('list-bucket-signed.ts', ['sample-invoices', '2026/02'])).toEqual(invoices.slice(1));
    await expect(exec('list-bucket-signed.ts', ['staging-invoices'])).rejects.toMatchObject({
      stderr: expect.stringContaining(
        `User: ${credentials.AssumedRoleArn} is not authorized to perform: s3:ListBucket`,
      ),
    });
  });

  test('calls a function URL', async () => {
    const [answer] = await exec('call-function-url.ts', [`${demo.awsUrl}/lambda-url/invoicetotal/2026-01`]);
    const expected = { month: '2026-01', total: 30, askedBy: credentials.AssumedRoleArn };
    expect(JSON.parse(answer!)).toEqual(expected);
  });
});

test('rolegate curl calls the function URL and puts an object', async () => {
  const curl = async (service: string, ...args: string[]) => {
    const signing = ['--service', service, '--region', 'eu-west-1', '--broker', demo.brokerUrl, '--role', roleArn];
    await runProgram(machine.context, ['curl', '--fail', ...signing, ...args]);
    return machine.takeStdout();
  };
  const answer = await curl('lambda', `${demo.awsUrl}/lambda-url/invoicetotal/2026-01`);
  expect(JSON.parse(answer)).toMatchObject({ askedBy: credentials.AssumedRoleArn });
  await curl('s3', '-T', join(root, 'LICENSE'), `${demo.awsUrl}/sample-invoices/report.csv`);
  expect(await curl('s3', `${demo.awsUrl}/sample-invoices/report.csv`)).toContain('Apache License');
});

test('the Lambda handler reads a bucket of another account, and the trail leads from there to the broker', async () => {
  const env = {
    ...endpoints(),
    READER_ROLE_ARN: invoiceReader,
    AWS_LAMBDA_FUNCTION_NAME: 'nightly',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.SessionToken,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { handler } = await import('../../examples/use-credentials/lambda-handler.ts');
  expect(await handler({ bucket: 'staging-invoices' })).toEqual({ keys: ['2026/01.csv'] });
  expect(await handler({ bucket: 'staging-invoices' })).toEqual({ keys: ['2026/01.csv'] });
  const assumed = demo.aws.events.filter(({ eventName }) => eventName === 'AssumeRole');
  expect(assumed).toHaveLength(1);
  expect(assumed[0]).toMatchObject({ userIdentity: { accessKeyId: credentials.AccessKeyId } });
  const issued = demo.audit.find(({ event }) => event === 'credentials_issued');
  expect(issued).toMatchObject({ accessKeyId: credentials.AccessKeyId });
  await expect(handler({ bucket: 'sample-invoices' })).rejects.toThrow(/assumed-role\/InvoiceReader\/nightly is not/);
});

describe('examples/integrations', () => {
  const folder = join(root, 'examples/integrations');
  const databaseHost = 'db.abc1.eu-west-1.rds.amazonaws.com';
  const gitHost = 'git-codecommit.eu-west-1.amazonaws.com';

  beforeEach(() => {
    mkdirSync(join(machine.home, 'bin'));
    program('rolegate', `exec '${process.execPath}' '${bundle.file}' "$@"`);
    writeKnownRoles(machine.context, demo.brokerUrl, [
      { roleArn, name: 'payments-dev/Developer', region: 'eu-west-1' },
    ]);
  });

  /** Takes the place of a tool that is not here; PATH finds it first. */
  function program(name: string, script: string): void {
    const file = join(machine.home, 'bin', name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    PATH: `${join(machine.home, 'bin')}:${folder}:${process.env['PATH']}`,
    ...{ HOME: machine.home, ROLEGATE_URL: demo.brokerUrl, AWS_ENDPOINT_URL: demo.awsUrl, ...more },
  });
  async function start(file: string, args: readonly string[], input = '', env = environment()): Promise<string> {
    const started = run(file, args, { env, cwd: machine.home });
    started.child.stdin?.end(input);
    return (await started).stdout;
  }
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  test('the README and the documentation name each file', () => {
    const files = readdirSync(folder).filter((name) => name !== 'README.md');
    const documentation = readFileSync(join(root, 'docs/integrations.md'), 'utf8');
    for (const file of files) {
      expect(read('README.md')).toContain(`(${file})`);
      expect(documentation).toContain(`(../examples/integrations/${file})`);
    }
  });

  test('docker-credential-rolegate answers Docker with a password of ECR', async () => {
    const registry = '444455556666.dkr.ecr.eu-west-1.amazonaws.com';
    const answer = await start('docker-credential-rolegate', ['get'], registry);
    expect(JSON.parse(answer)).toMatchObject({ ServerURL: registry, Username: 'AWS' });
  });

  test('kubeconfig.yaml starts a command whose token STS accepts for this cluster', async () => {
    const [{ user }] = parse(read('kubeconfig.yaml')).users;
    const { status } = JSON.parse(await start(user.exec.command, user.exec.args));
    const url = Buffer.from(status.token.replace('k8s-aws-v1.', ''), 'base64url').toString();
    const answer = await fetch(url, { headers: { 'x-k8s-aws-id': 'payments' } });
    expect(await answer.text()).toContain(credentials.AssumedRoleArn);
  });

  test('connect-database gives psql a password that the database accepts', async () => {
    const there = new URL(demo.awsUrl).host;
    program('psql', `echo "$1"; exec curl -s --connect-to "::${there}" "http://$PGPASSWORD"`);
    const stdout = await start('connect-database', []);
    expect(stdout).toContain(`host=${databaseHost} port=5432 user=app`);
    expect(stdout).toContain('{"DBUser":"app"}');
    program('psql', `exec curl -s --connect-to "::${there}" "http://$(echo "$PGPASSWORD" | sed s/=app/=root/)"`);
    expect(await start('connect-database', [])).toContain('InvalidSignatureException');
  });

  test('share-object prints a link that needs no credentials', async () => {
    const url = await start('share-object', ['s3://sample-invoices/2026/01.csv', '5m']);
    expect(await (await fetch(url.trim())).text()).toContain('id,amount');
  });

  test('gitconfig lets git read CodeCommit, and another secret does not', async () => {
    const key = keyPair('tls-ca').key;
    const pair = await makeKeyPair(gitHost, { altNames: [gitHost], privateKey: key });
    writeFileSync(join(machine.home, 'ca.pem'), pair.cert);
    const { hostname, port } = new URL(demo.awsUrl);
    const tls = createServer(pair, (socket) => {
      const there = connect(Number(port), hostname);
      socket.pipe(there).pipe(socket);
      for (const end of [socket, there]) end.on('error', () => void [socket.destroy(), there.destroy()]);
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const proxy = await startConnectProxy(undefined, () => (tls.address() as AddressInfo).port);
    try {
      const settings = {
        GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      };
      const env = environment({ ...settings, https_proxy: proxy.url, GIT_SSL_CAINFO: join(machine.home, 'ca.pem') });
      const list = () => start('git', ['ls-remote', `https://${gitHost}/v1/repos/payments`], '', env);
      expect(await list()).toMatch(/^[0-9a-f]{40}\tHEAD\n[0-9a-f]{40}\trefs\/heads\/main\n$/);
      expect(demo.aws.events.at(-1)).toMatchObject({ eventName: 'GitPull', recipientAccountId: '444455556666' });
      writeCached(machine.context, { broker: demo.brokerUrl, roleArn }, { ...credentials, SecretAccessKey: 'another' });
      await expect(list()).rejects.toMatchObject({ stderr: expect.stringContaining('error: 403') });
    } finally {
      await proxy.stop();
      tls.close();
    }
  });

  test('ssh_config starts a session to the instance with the credentials of the role', async () => {
    program('aws', 'echo "$AWS_ACCESS_KEY_ID $*"');
    const command = /ProxyCommand (.*)/.exec(read('ssh_config'))![1]!.replace('%h', 'i-0123').replace('%p', '22');
    const session = 'ssm start-session --target i-0123 --document-name AWS-StartSSHSession --parameters portNumber=22';
    expect(await start('sh', ['-c', command])).toBe(`${credentials.AccessKeyId} ${session}\n`);
  });

  test('consoles open in the Chrome profile and in the Firefox container of the account', async () => {
    const opened = join(machine.home, 'opened');
    for (const browser of ['google-chrome', 'firefox'])
      program(browser, `echo "$@" > '${opened}.new' && mv '${opened}.new' '${opened}'`);
    const lines = () => expect.poll(() => readFileSync(opened, 'utf8'));
    await start('console-chrome', ['payments-dev/Developer']);
    const address = `${demo.brokerUrl}/console?role=`;
    await lines().toContain(`--profile-directory=payments-dev ${address}`);
    await start('rolegate', ['console', 'payments-dev/Developer', '--browser', 'aws-container payments-dev %s']);
    await lines().toContain(
      `ext+container:name=payments-dev&url=${[...Buffer.from(address)].map((byte) => `%${byte.toString(16)}`).join('')}`,
    );
  });
});
