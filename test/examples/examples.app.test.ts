// The programs of examples/use-credentials beside the demo, started as its README says, with credentials of the broker.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { invoiceReader } from '../../examples/demo/services.ts';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Credentials, credentials as credentialsSchema } from '../../src/wire/api.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { cacheFor } from '../cli/support/broker.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createMachine, type Machine } from '../cli/support/machine.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';

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
