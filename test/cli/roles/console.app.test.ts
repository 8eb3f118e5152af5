// `rolegate console`: the link, and what opens it.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

let broker: RolesBroker;
let machine: Machine;

beforeAll(async () => {
  broker = await startRolesBroker([roleEntry('payments-dev/Developer'), roleEntry('payments-prod/Admin')]);
});
afterAll(() => broker?.close());
beforeEach(() => {
  machine = createMachine();
  broker.asked.length = 0;
});
afterEach(() => machine.remove());

async function link(...words: string[]): Promise<string> {
  await runProgram(machine.context, ['console', ...words, '--broker', broker.url]);
  return machine.takeStdout().trim().replace(broker.url, '');
}

test.each<[string[], string]>([
  [['payments-dev/Developer'], '/console?role=payments-dev%2FDeveloper'],
  [['payments-dev/Developer', '--service', 's3'], '/console?role=payments-dev%2FDeveloper&service=s3'],
  [['a/b', '--path', '/s3/home?x=1#y'], '/console?role=a%2Fb&destination=%2Fs3%2Fhome%3Fx%3D1%23y'],
  [['a/b', '--region', 'us-east-2'], '/console?role=a%2Fb&region=us-east-2'],
  [['payments', 'admin'], '/console?role=payments+admin'],
])('%j prints a link, without a sign-in on this machine', async (words, expected) => {
  expect(await link(...words, '--print')).toBe(expected);
  expect(broker.asked).toEqual([]);
});

test('words mean one of the roles, where they are known', async () => {
  machine.remove();
  machine = createMachine({ isInteractive: true });
  signInAt(machine.context, broker.url);
  expect(await link('admin', '--print')).toBe(`/console?${new URLSearchParams({ role: broker.roles[1]!.roleArn })}`);
});

test('a script that is signed in has to name the role', async () => {
  signInAt(machine.context, broker.url);
  await expect(link('admin', '--print')).rejects.toMatchObject({ exit: 'usage' });
  await expect(link('payments', '--print')).rejects.toMatchObject({ exit: 'usage' });
});

test('no role and no sign-in: there is nothing to choose from', async () => {
  await expect(link('--print')).rejects.toMatchObject({ exit: 'login' });
});

test('a second role is refused, with the address at which the console switches to it', async () => {
  await expect(link('a/b', '--then', 'arn:aws-us-gov:iam::111122223333:role/ops/Deploy')).rejects.toMatchObject({
    exit: 'usage',
    message: expect.stringMatching(
      /switch roles at https:\/\/signin\.amazonaws-us-gov\.com\/switchrole\?account=111122223333&roleName=ops%2FDeploy$/,
    ),
  });
});

test('--service and --path together are refused', async () => {
  await expect(link('a/b', '--service', 's3', '--path', '/s3')).rejects.toMatchObject({
    code: 'commander.conflictingOption',
  });
});

test('opens the browser that is asked for, and says what', async () => {
  const seen = join(machine.home, 'seen');
  const browser = join(machine.home, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > ${seen}.new && mv ${seen}.new ${seen}\n`);
  chmodSync(browser, 0o755);
  const url = `${broker.url}/console?role=a%2Fb`;
  expect(await link('a/b', '--browser', browser)).toBe('');
  expect(machine.takeStderr()).toBe(`opening ${url}\n`);
  await expect.poll(() => existsSync(seen)).toBe(true);
  expect(readFileSync(seen, 'utf8')).toBe(url);
});

test('prints the link where no browser can be started', async () => {
  expect(await link('a/b', '--browser', '/nonexistent/browser')).toBe('/console?role=a%2Fb');
  expect(machine.takeStderr()).toContain('open the link yourself');
});

test('signed in, the browser alone gets a handle; the line to copy has none', async () => {
  const seen = join(machine.home, 'seen');
  const browser = join(machine.home, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > ${seen}.new && mv ${seen}.new ${seen}\n`);
  chmodSync(browser, 0o755);
  signInAt(machine.context, broker.url);
  const url = `${broker.url}/console?role=a%2Fb`;
  expect(await link('a/b', '--browser', browser)).toBe('');
  expect(machine.takeStderr()).toBe(`opening ${url}\n`);
  await expect.poll(() => existsSync(seen)).toBe(true);
  expect(readFileSync(seen, 'utf8')).toBe(`${url}&handle=one-time-handle`);
  expect(await link('a/b', '--print')).toBe('/console?role=a%2Fb');
});
