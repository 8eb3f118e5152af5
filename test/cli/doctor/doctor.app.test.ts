// `rolegate doctor`: each check finds what it is for, and is quiet on a machine where all is well.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';

interface Shown {
  readonly status: string;
  readonly detail: string;
  readonly advice: string | null;
}

let server: Server;
let broker: string;
let machine: Machine;
let isBroker: boolean;

beforeAll(async () => {
  server = createServer((request, response) => {
    const isSignedIn = request.headers.authorization === 'Bearer good';
    response.writeHead(request.url === '/api/v1/me' && !isSignedIn ? 401 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answerTo(request.url!)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  broker = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server?.close(resolve)));

function answerTo(path: string): unknown {
  if (path === '/api/v1/me') {
    return { user: 'alice', displayName: 'Alice', identityProvider: 'adfs', expiresAt: '2030-01-01T00:00:00.000Z' };
  }
  return {
    issuer: isBroker ? broker : 'https://other.example',
    authorization_endpoint: `${broker}/oauth/authorize`,
    token_endpoint: `${broker}/oauth/token`,
    pushed_authorization_request_endpoint: `${broker}/oauth/par`,
    revocation_endpoint: `${broker}/oauth/revoke`,
    rolegate: { name: 'Corp AWS', partition: 'aws', region: 'eu-west-1', remoteLogin: true },
  };
}

beforeEach(() => {
  isBroker = true;
  useMachine();
});
afterEach(() => machine.remove());

function useMachine(env: Record<string, string> = {}, overrides: Parameters<typeof createMachine>[0] = {}): void {
  machine?.remove();
  machine = createMachine({ env: { BROWSER: '/usr/bin/browser', ...env }, ...overrides });
  signInAt(machine.context, broker);
}

async function doctor(url = broker): Promise<{ exit: string; ok: boolean; checks: Record<string, Shown> }> {
  const done = runProgram(machine.context, ['doctor', '--json', '--broker', url]);
  const exit = await done.then(
    () => 'ok',
    (error) => error.exit ?? String(error),
  );
  const { schema, broker: named, ok, checks } = JSON.parse(machine.takeStdout());
  expect([schema, named]).toEqual([1, url]);
  return { exit, ok, checks: Object.fromEntries(checks.map((each: { name: string }) => [each.name, each])) };
}

function write(name: string, text: string, mode = 0o600): string {
  const file = join(machine.home, name);
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode });
  return file;
}

test('on a machine where all is well, nothing fails', async () => {
  const { exit, ok, checks } = await doctor();
  expect([exit, ok]).toEqual(['ok', true]);
  const wrong = Object.values(checks).filter(({ status }) => status === 'failed');
  expect(wrong).toEqual([]);
  expect(checks['broker']?.detail).toBe('Corp AWS answers');
  expect(checks['sign-in']?.detail).toMatch(/^alice, until 2030-01-01 \d\d:\d\d \(/);
  expect(checks['clock']?.status).toBe('ok');
  expect(checks['file modes']?.status).toBe('ok');
});

test('for people there are lines, with what to do below', async () => {
  await expect(runProgram(machine.context, ['doctor', '--broker', 'http://127.0.0.1:9'])).rejects.toMatchObject({
    exit: 'network',
  });
  const lines = machine.takeStdout();
  expect(lines).toMatch(/^ok {7}version: rolegate \d/m);
  expect(lines).toMatch(/^FAILED {3}broker: 127\.0\.0\.1:9 cannot be reached.*\n {9}\S/m);
  expect(lines).toMatch(
    /^FAILED {3}sign-in: none on this machine\n {9}run `rolegate login --broker http:\/\/127\.0\.0\.1:9`/m,
  );
});

describe('the broker', () => {
  test('that is another one', async () => {
    isBroker = false;
    const { exit, checks } = await doctor();
    expect([exit, checks['broker']?.status]).toEqual(['network', 'failed']);
  });

  test('with a host name that does not resolve', async () => {
    const { exit, checks } = await doctor('https://rolegate.invalid');
    expect([exit, checks['dns']?.status, checks['broker']?.status]).toEqual(['network', 'failed', 'failed']);
  });

  test.each<[minutes: number, status: string, exit: string, detail: RegExp]>([
    [-10, 'failed', 'clock', /^(599|60\d) s behind/],
    [10, 'failed', 'clock', /^(599|60\d) s ahead of/],
    [3, 'warning', 'ok', /^(179|18\d) s ahead of/],
  ])('whose clock is %i minutes away', async (minutes, status, exit, detail) => {
    const now = () => new Date(Date.now() + minutes * 60_000);
    useMachine({}, { clock: { now } });
    const result = await doctor();
    expect([result.checks['clock']?.status, result.exit]).toEqual([status, exit]);
    expect(result.checks['clock']?.detail).toMatch(detail);
  });
});

describe('a sign-in', () => {
  test('that is not there', async () => {
    machine.remove();
    machine = createMachine({ env: { BROWSER: 'x' } });
    const { exit, checks } = await doctor();
    expect([exit, checks['sign-in']?.detail]).toEqual(['login', 'none on this machine']);
  });

  test('that the broker does not take', async () => {
    signInAt(machine.context, broker, 'bad');
    const { checks } = await doctor();
    expect(checks['sign-in']?.status).toBe('failed');
  });
});

describe('proxy and authorities', () => {
  test('a proxy is named without its password, and an invalid proxy URL fails', async () => {
    const company = 'https://broker.corp.example';
    useMachine({ HTTPS_PROXY: 'http://user:secret@127.0.0.1:9' });
    const { exit, checks } = await doctor(company);
    expect([exit, checks['proxy']?.detail]).toEqual(['network', 'http://127.0.0.1:9']);
    expect(JSON.stringify(checks)).not.toContain('secret');
    useMachine({ HTTPS_PROXY: 'not an address' });
    expect((await doctor(company)).checks['proxy']?.status).toBe('failed');
    useMachine({ HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1, broker.corp.example' });
    expect((await doctor(company)).checks['proxy']?.detail).toBe('none for this broker');
  });

  test('plain http to this machine passes none: it would read the token', async () => {
    useMachine({ HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' });
    const { exit, checks } = await doctor();
    expect([exit, checks['proxy']?.detail, checks['sign-in']?.status]).toEqual(['ok', 'none for this broker', 'ok']);
  });

  test.each([
    ['/nonexistent', 'cannot be read'],
    ['/dev/null', 'has no certificate'],
  ])('the CA file %s', async (file, detail) => {
    useMachine({ NODE_EXTRA_CA_CERTS: file });
    const { checks } = await doctor();
    expect(checks['ca']).toMatchObject({
      status: 'failed',
      detail: expect.stringMatching(`${file} .*${detail}|${file} ${detail}`),
    });
  });
});

describe('files', () => {
  test('that others may read', async () => {
    const aws = write('.aws/credentials', '[x]\n', 0o644);
    const { exit, checks } = await doctor();
    expect([exit, checks['file modes']]).toMatchObject(['ok', { status: 'warning', advice: `chmod go= ${aws}` }]);
    const folder = join(
      machine.home,
      machine.context.platform === 'darwin' ? 'Library/Application Support' : '.local/state',
    );
    chmodSync(join(folder, 'rolegate'), 0o755);
    chmodSync(join(folder, 'rolegate', broker.replace(/[^A-Za-z0-9.-]/g, '_')), 0o755);
    const again = await doctor();
    expect([again.exit, again.checks['file modes']?.status]).toEqual(['failed', 'failed']);
  });

  test('and never advises to change the mode of a folder that is in the place of a file', async () => {
    useMachine({ AWS_CONFIG_FILE: '/tmp' });
    const { checks } = await doctor();
    expect(Object.values(checks).map(({ advice }) => advice ?? '')).not.toContainEqual(
      expect.stringContaining('chmod'),
    );
  });

  const block = (command: string) =>
    `# BEGIN rolegate ${broker}\n[profile a]\ncredential_process = ${command} credential-process --role x\n# END rolegate ${broker}\n`;

  test.each<[string, string, string, string, string]>([
    ['a profile whose command is there', '.aws/config', '/bin/sh -e', 'profiles', 'ok'],
    ['a profile whose command is gone', '.aws/config', '/bin/sh /opt/gone/rolegate.cjs', 'profiles', 'failed'],
  ])('%s', async (_, file, command, name, status) => {
    write(file, block(command));
    expect((await doctor()).checks[name]?.status).toBe(status);
  });

  test('keys that win over a profile, and unpaired markers', async () => {
    write('.aws/config', block('/bin/sh'));
    write('.aws/credentials', '[a]\naws_access_key_id = x\n');
    const { exit, checks } = await doctor();
    expect([exit, checks['shadowing']?.detail]).toEqual(['failed', expect.stringContaining('has aws_access_key_id')]);
    write('.aws/config', `# BEGIN rolegate ${broker}\n`);
    expect((await doctor()).checks['profiles']?.status).toBe('failed');
  });

  test('variables that win over a profile', async () => {
    useMachine({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SESSION_TOKEN: 'secret' });
    const { checks } = await doctor();
    expect(checks['environment']).toMatchObject({
      status: 'warning',
      advice: 'unset AWS_ACCESS_KEY_ID; unset AWS_SESSION_TOKEN',
    });
    expect(JSON.stringify(checks)).not.toContain('secret');
  });
});

describe('programs', () => {
  test('in PATH: which rolegate, hidden ones, the version of the AWS CLI', async () => {
    for (const folder of ['one', 'two']) chmodSync(write(`${folder}/rolegate`, '#!/bin/sh\n'), 0o755);
    chmodSync(write('one/aws', '#!/bin/sh\necho aws-cli/2.22.0 Python/3\n'), 0o755);
    const [one, two] = [join(machine.home, 'one'), join(machine.home, 'two')];
    const { home } = machine;
    machine = { ...machine, context: { ...machine.context, env: { BROWSER: 'x', PATH: `${one}:${two}` } } };
    const { checks } = await doctor();
    expect(checks['path']?.detail).toBe(`${home}/one/rolegate hides ${home}/two/rolegate`);
    expect(checks['aws cli']?.detail).toBe('aws-cli/2.22.0');
  });

  test('a browser: none on this side', async () => {
    machine = { ...machine, context: { ...machine.context, platform: 'linux', env: {} } };
    expect((await doctor()).checks['browser']?.status).toBe('warning');
  });
});
