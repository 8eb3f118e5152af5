// `rolegate-server credentials` and `revoke` against the emulator: who loses what, by file and with an operator's own keys.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import type { Estate } from '../../emulators/aws/server.ts';
import { estate } from '../../examples/demo/company.ts';
import { addCredentials } from '../../src/admin/commands/credentials.ts';
import { addRevoke } from '../../src/admin/commands/revoke.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { credentials as credentialsShape } from '../../src/wire/api.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { runCommand } from './support.ts';

const account = '444455556666';
const roleArn = `arn:aws:iam::${account}:role/Developer`;
const stagingArn = 'arn:aws:iam::333344445555:role/Developer';
const operatorKeys = { accessKeyId: 'AKIAEXAMPLEOPERATOR0', secretAccessKey: 'secret-of-the-operator' };
const directory = mkdtempSync(join(tmpdir(), 'rolegate-revoke-'));
let demo: TestDemo;
let out: string;
let runs = 0;

beforeAll(async () => {
  demo = await startTestDemo({
    redisUrl: inject('redisUrl'),
    adjust: (config) => {
      const aws = config['aws'] as { endpoints: Record<string, string> };
      const endpoints = { ...aws.endpoints, iam: aws.endpoints['sts'] };
      const grant = { accounts: ['payments-dev', 'payments-staging'], role: 'Developer', maxDuration: '1h' };
      const when = { group: 'CORP\\Domain Users' };
      return {
        ...config,
        store: { type: 'redis', url: inject('redisUrl'), keyPrefix: `revoke-${process.pid}:` },
        aws: { ...aws, endpoints },
        rules: [{ name: 'developers', when, grant }],
      };
    },
  });
  demo.aws.setEstate(withOperator(estate(publishMetadata(demo.config).aws)));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', operatorKeys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', operatorKeys.secretAccessKey);
  out = join(directory, String(++runs));
  demo.aws.setClockOffset(0);
});

function withOperator({ accounts }: Estate): Estate {
  const policies = [{ Statement: { Effect: 'Allow', Action: 'iam:*', Resource: '*' } }];
  const users = [{ name: 'operator', ...operatorKeys, policies }];
  return { accounts: accounts.map((each) => (each.id === account ? { ...each, users } : each)) };
}

interface Person {
  readonly browser: HttpBrowser;
  /** Of a role; undefined if the session has ended. */
  readonly issue: (arn?: string) => Promise<Keys | undefined>;
}
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

async function signedIn(user: string): Promise<Person> {
  const browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, user);
  const issue: Person['issue'] = async (arn = roleArn) => {
    const url = `${demo.brokerUrl}/api/v1/credentials`;
    const answer = await browser.json('POST', url, { roleArn: arn }, { origin: demo.brokerUrl });
    if (answer.status === 401) return undefined;
    const { AccessKeyId, SecretAccessKey, SessionToken } = credentialsShape.parse(JSON.parse(answer.body));
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  return { browser, issue };
}

/** Whether AWS lets these credentials list a bucket. */
async function works(credentials: Keys | undefined): Promise<boolean> {
  const client = new S3Client({
    ...{ endpoint: demo.awsUrl, region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: credentials!,
  });
  try {
    await client.send(new ListObjectsV2Command({ Bucket: 'sample-invoices' }));
    return true;
  } catch (error) {
    expect((error as Error).name).toBe('AccessDenied');
    return false;
  } finally {
    client.destroy();
  }
}

const recorded: Record<string, unknown>[] = [];
/** Runs it; its audit records go where the command writes them. */
async function revokeAt(clock: Clock, ...args: string[]) {
  const outcome = await runCommand(addRevoke, ['revoke', '--out', out, ...args], async () => demo.config, clock);
  recorded.push(
    ...outcome.stderr
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  return outcome;
}
const revoke = (...args: string[]) => revokeAt(systemClock, ...args);
const credentials = (...args: string[]) =>
  runCommand(addCredentials, ['credentials', 'list', ...args], async () => demo.config);
const fileOf = (arn: string) => join(out, arn.split(':')[4]!, `${arn.split('/')[1]}.json`);
const events = (name: string) => recorded.filter(({ event }) => event === name);
const [alice, bob] = ['alice@corp.example', 'bob@corp.example'];

test('lists what is valid at AWS and until when, of a user, of an identity provider, of all', async () => {
  const person = await signedIn('alice');
  const issued = await person.issue();
  await (await signedIn('bob')).issue();
  const { stdout } = await credentials('--user', alice!, '--json');
  const listed = (JSON.parse(stdout) as { credentials: Record<string, string>[] }).credentials;
  expect(new Set(listed.map(({ user }) => user))).toEqual(new Set([alice]));
  const own = listed.find(({ accessKeyId }) => accessKeyId === issued?.accessKeyId)!;
  expect(own).toMatchObject({ roleArn, idp: 'adfs', mode: 'mint', sourceIdentity: alice, purpose: 'credentials' });
  expect(Date.parse(own['expiresAt']!) - Date.parse(own['issuedAt']!)).toBeGreaterThan(3_590_000);
  expect((await credentials('--idp', 'adfs')).stdout).toContain(bob);
  expect((await credentials('--all')).stdout).toContain(issued!.accessKeyId);
  expect((await credentials('--idp', 'other')).stdout).toBe('credentials: 0\n');
  await expect(credentials()).rejects.toThrow('give --user or --idp, or --all alone');
});

test('with --apply the credentials of one person fail; their new ones and those of others work', async () => {
  const [a, b] = [await signedIn('alice'), await signedIn('bob')];
  const [ofAlice, ofBob] = [await a.issue(), await b.issue()];
  expect([await works(ofAlice), await works(ofBob)]).toEqual([true, true]);
  const { stdout, hasFailed } = await revoke('--user', alice!, '--apply', '--yes', '--json');
  expect(hasFailed).toBe(false);
  expect(JSON.parse(stdout)).toMatchObject({ roles: [{ roleArn, state: 'put', file: fileOf(roleArn) }] });
  expect([await works(ofAlice), await works(ofBob)]).toEqual([false, true]);
  expect([await a.issue(), await works(await b.issue())]).toEqual([undefined, true]);
  demo.aws.setClockOffset(15);
  const renewed = await (await signedIn('alice')).issue();
  expect([await works(renewed), await works(ofAlice)]).toEqual([true, false]);
  expect(events('credentials_revoked').at(-1)).toMatchObject({ user: alice, roles: [roleArn] });
  expect(events('revocation_policy').at(-1)).toMatchObject({ roleArn, action: 'put', until: expect.any(String) });
});

test('a second person joins the policy of the role, and clean-up removes it when all have expired', async () => {
  const b = await signedIn('bob');
  const ofBob = await b.issue();
  await revoke('--user', bob!, '--apply', '--yes');
  expect(await works(ofBob)).toBe(false);
  expect((await revoke('--cleanup', '--account', account, '--json')).stdout).toContain('"kept"');
  expect(await works(ofBob)).toBe(false);
  const inTwoHours = { now: () => new Date(systemClock.now().getTime() + 2 * 3_600_000) };
  const { stdout } = await revokeAt(inTwoHours, '--cleanup', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ roles: [{ state: 'removed' }] });
  expect([existsSync(fileOf(roleArn)), await works(ofBob)]).toEqual([false, true]);
  expect(events('revocation_policy').at(-1)).toMatchObject({ roleArn, action: 'removed' });
});

test('without --apply only files are written, one for each account and role, with the command that puts them', async () => {
  const a = await signedIn('alice');
  const first = await a.issue();
  await a.issue(stagingArn);
  const { stdout } = await revoke('--user', alice!, '--yes');
  for (const arn of [roleArn, stagingArn]) {
    const { Id, Statement } = JSON.parse(readFileSync(fileOf(arn), 'utf8'));
    expect(Id).toMatch(/^rolegate-revocations-until-\d{4}-/);
    expect(Statement[0].Condition.StringEquals).toEqual({ 'aws:SourceIdentity': [alice] });
    expect(stdout).toContain(`--policy-document file://${fileOf(arn)}`);
  }
  expect([await works(first), await a.issue()]).toEqual([true, undefined]);
});

test('an account that the operator has no access to fails by name, and the others are done', async () => {
  const a = await signedIn('alice');
  const first = await a.issue();
  await a.issue(stagingArn);
  const { stdout, hasFailed } = await revoke('--user', alice!, '--apply', '--yes');
  expect(hasFailed).toBe(true);
  expect(stdout).toContain(`FAILED: these AWS credentials belong to the account ${account}`);
  expect(await works(first)).toBe(false);
  expect(events('revocation_policy').at(-1)).toMatchObject({ action: expect.stringMatching(/put|failed/) });
});

test('asks first, and refuses to guess whom', async () => {
  await expect(revoke('--user', alice!)).rejects.toThrow('add --yes');
  await expect(revoke('--yes')).rejects.toThrow('give --user or --idp');
  await expect(revoke('--cleanup', '--user', alice!)).rejects.toThrow('give --user or --idp');
});
