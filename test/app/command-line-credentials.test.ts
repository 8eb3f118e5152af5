// Credentials on the command line, with the whole command in separate processes and the real broker, provider and AWS.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCached, writeCached } from '../../src/cli/credentials/credential-cache.ts';
import type { Machine } from '../../src/cli/machine/context.ts';
import { brokerFolder, cacheDirectory } from '../../src/cli/machine/paths.ts';
import { readSignIn, writeSignIn } from '../../src/cli/sign-in/tokens.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import {
  decide,
  goOn,
  logIn,
  openTerminal,
  reachConfirm,
  signInAddress,
  type Terminal,
} from './support/command-line.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
let demo: TestDemo;
let bundle: Bundle;
let terminal: Terminal;
let machine: Machine;
let isAway = false;
const browsers: HttpBrowser[] = [];
beforeAll(async () => {
  [demo, bundle] = [await startTestDemo(), await buildBundle()];
  terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl, AWS_ENDPOINT_URL_STS: demo.awsUrl });
  machine = { env: {}, platform: process.platform, homeDirectory: terminal.home };
  await logIn(terminal, newBrowser(), 'alice', '--no-browser');
});
afterAll(async () => {
  for (const browser of browsers) browser.close();
  if (!isAway) await demo.close();
  terminal.remove();
  bundle.remove();
});

function newBrowser(): HttpBrowser {
  const browser = createHttpBrowser();
  browsers.push(browser);
  return browser;
}

const key = () => ({ broker: demo.brokerUrl, roleArn });
const askForCredentials = () => terminal.run('credential-process', '--role', roleArn);
const issued = () =>
  demo.audit.filter(({ event }) => event === 'credentials_issued').map((each) => each['accessKeyId']);

/** As if time had passed: the cached credentials are valid for so many minutes. */
function leaveMinutes(minutes: number): void {
  const Expiration = new Date(Date.now() + minutes * 60_000).toISOString();
  writeCached(machine, key(), { ...readCached(machine, key())!, Expiration });
}

const login = 'run `rolegate login`';

test('the tokens are bound to a key of this machine, which every process proves, with the nonce of the moment', async () => {
  const broker = demo.brokerUrl;
  const kept = readSignIn(machine, broker)!;
  expect(kept.key).toMatchObject({ kty: 'EC', crv: 'P-256' });
  const stolen = await fetch(`${broker}/api/v1/me`, { headers: { authorization: `Bearer ${kept.accessToken}` } });
  expect(stolen.status).toBe(401);
  const form = { client_id: 'rolegate-cli', grant_type: 'refresh_token', refresh_token: kept.refreshToken };
  const spent = await fetch(`${broker}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  expect([spent.status, ((await spent.json()) as { error: string }).error]).toEqual([400, 'invalid_grant']);
  writeSignIn(machine, { ...kept, accessTokenExpiresAt: '2020-01-01T00:00:00.000Z' });
  const both = await Promise.all([terminal.run('whoami'), terminal.run('whoami')]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  const renewed = readSignIn(machine, broker)!;
  expect(renewed.refreshToken).not.toBe(kept.refreshToken);
  expect(renewed.key).toEqual(kept.key);
});

test('are asked for once, and are those that the audit trail names', async () => {
  const [first, second] = [await askForCredentials(), await askForCredentials()];
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(second).toEqual(first);
  const document = JSON.parse(first.stdout);
  expect(Object.keys(document)).toEqual(['Version', 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration']);
  expect(document.Expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(issued()).toEqual([document.AccessKeyId]);
});

test('of fifty processes that find them and the access token expired, one renews both', async () => {
  leaveMinutes(-1);
  const signIn = readSignIn(machine, demo.brokerUrl)!;
  writeSignIn(machine, { ...signIn, accessTokenExpiresAt: '2020-01-01T00:00:00.000Z' });
  const before = issued().length;
  const all = await Promise.all(Array.from({ length: 50 }, askForCredentials));
  expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(all[0]).toMatchObject({ code: 0, stderr: '' });
  expect(issued().slice(before)).toEqual([JSON.parse(all[0]!.stdout).AccessKeyId]);
}, 90_000);

test('a broken file is written again', async () => {
  const folder = join(cacheDirectory(machine), brokerFolder(demo.brokerUrl), 'credentials');
  for (const file of readdirSync(folder)) writeFileSync(join(folder, file), '{"key":"');
  const before = issued().length;
  expect(await askForCredentials()).toMatchObject({ code: 0, stderr: '' });
  expect(await askForCredentials()).toMatchObject({ code: 0, stderr: '' });
  expect(issued()).toHaveLength(before + 1);
});

test('a program gets them with the region of its account, by the name of the role', async () => {
  const shown = 'echo "$AWS_ACCESS_KEY_ID $AWS_REGION $AWS_DEFAULT_REGION"';
  const words = ['exec', '--role', 'payments-dev/Developer', '--min-ttl', '20m', '--', 'sh', '-c', shown];
  const key = issued().at(-1);
  expect(await terminal.run(...words)).toEqual({ code: 0, stdout: `${key} eu-west-1 eu-west-1\n`, stderr: '' });
});

test('a role that the person does not have is denied', async () => {
  const other = 'arn:aws:iam::444455556666:role/Owner';
  expect(await terminal.run('credential-process', '--role', other)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(/^rolegate: .*don’t have access.*\n$/),
  });
});

test('a second role that trusts the first one has a session of the same person', async () => {
  const second = 'arn:aws:iam::333344445555:role/InvoiceReader';
  const ask = () => terminal.run('credential-process', '--role', roleArn, '--then', second);
  const [first, cached] = [await ask(), await ask()];
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(cached).toEqual(first);
  const { AccessKeyId } = JSON.parse(first.stdout);
  const shown = 'echo "$AWS_ACCESS_KEY_ID $AWS_REGION $ROLEGATE_EXEC"';
  const program = await terminal.run('exec', 'payments-dev/Developer', '--then', second, '--', 'sh', '-c', shown);
  expect(program).toEqual({ code: 0, stdout: `${AccessKeyId} eu-west-1 ${second}\n`, stderr: '' });
  expect(demo.aws.events.filter(({ eventName }) => eventName === 'AssumeRole')).toMatchObject([
    {
      userIdentity: { arn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example' },
      requestParameters: { roleSessionName: 'alice@corp.example' },
      responseElements: {
        sourceIdentity: 'alice@corp.example',
        assumedRoleUser: { arn: 'arn:aws:sts::333344445555:assumed-role/InvoiceReader/alice@corp.example' },
      },
    },
  ]);
  const untrusted = 'arn:aws:iam::111122223333:role/Admin';
  expect(await terminal.run('credential-process', '--role', roleArn, '--then', untrusted)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining(`check that ${untrusted} exists, that its trust policy allows ${roleArn}`),
  });
});

test('with --login two processes without a sign-in open one page, and both answer after it', async () => {
  const fresh = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl, BROWSER: 'true %s' });
  const both = [0, 1].map(() => fresh.start('credential-process', '--role', roleArn, '--login'));
  const address = await Promise.race(both.map((each) => each.says(signInAddress)));
  const browser = newBrowser();
  await goOn(browser, await decide(browser, await reachConfirm(browser, address, 'alice'), 'allow'));
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(new Set(both.map(({ stdout }) => stdout())).size).toBe(1);
  expect(both.filter(({ stderr }) => signInAddress.test(stderr()))).toHaveLength(1);
  expect(JSON.parse(both[0]!.stdout())).toMatchObject({ Version: 1 });
  fresh.remove();
});

test('`logout --all` on another machine leaves them until they must be renewed, then says what to type', async () => {
  const elsewhere = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
  await logIn(elsewhere, newBrowser(), 'alice', '--no-browser');
  expect(await elsewhere.run('logout', '--all')).toMatchObject({ code: 0 });
  elsewhere.remove();
  const before = issued().length;
  expect(await askForCredentials()).toMatchObject({ code: 0, stderr: '' });
  leaveMinutes(10);
  const { stderr, ...ended } = await askForCredentials();
  expect(ended).toEqual({ code: 3, stdout: '' });
  expect(stderr).toBe(`rolegate: your sign-in at ${new URL(demo.brokerUrl).host} is no longer valid: ${login}\n`);
  expect(issued()).toHaveLength(before);
});

test('a broker that is away does not matter while they last', async () => {
  await logIn(terminal, newBrowser(), 'alice', '--no-browser');
  await askForCredentials();
  leaveMinutes(10);
  await demo.close();
  isAway = true;
  const served = await askForCredentials();
  expect(served).toMatchObject({ code: 0, stdout: expect.stringContaining('"AccessKeyId"') });
  expect(served.stderr).toMatch(/^rolegate: .* cannot be reached: connection refused .*; using credentials .*\n$/);
  leaveMinutes(0);
  expect(await askForCredentials()).toMatchObject({ code: 5, stdout: '' });
});
