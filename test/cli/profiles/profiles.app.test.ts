// `rolegate profiles`: what it writes to ~/.aws/config, and what it refuses.
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { RoleEntry } from '../../../src/wire/api.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

const developer = roleEntry('payments-dev/Developer');
const admin = roleEntry('payments-prod/Admin', { region: 'us-east-2' });

let broker: RolesBroker;
let other: RolesBroker;
let machine: Machine;
let config: string;

beforeAll(async () => {
  broker = await startRolesBroker();
  other = await startRolesBroker([roleEntry('sandbox/Builder')]);
});

afterAll(async () => {
  await broker?.close();
  await other?.close();
});

beforeEach(() => {
  broker.roles = [admin, developer];
  useMachine();
});

afterEach(() => machine.remove());

function useMachine(overrides: Parameters<typeof createMachine>[0] = {}): void {
  machine?.remove();
  machine = createMachine(overrides);
  config = join(machine.home, '.aws/config');
  for (const { url } of [broker, other]) signInAt(machine.context, url);
}

const run = (command: string, url = broker.url) =>
  runProgram(machine.context, [...command.split(' '), '--broker', url]);
const sync = (options = '') => run(`profiles sync --yes${options && ` ${options}`}`);
const text = () => readFileSync(config, 'utf8');
const profiles = () => [...text().matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name);

function write(file: string, content: string): void {
  mkdirSync(join(machine.home, '.aws'), { recursive: true });
  writeFileSync(join(machine.home, '.aws', file), content);
}

describe('sync', () => {
  test('leaves out roles that give no credentials', async () => {
    broker.roles = [admin, developer, roleEntry('payments-dev/Consoles', { consoleOnly: true })];
    await sync();
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
  });

  test('writes a profile for each role, into a file of its owner', async () => {
    await sync();
    const command = `/usr/bin/node /opt/rolegate/rolegate.cjs credential-process --broker ${broker.url} --role`;
    expect(text().split('\n')).toEqual([
      `# BEGIN rolegate ${broker.url} (from \`rolegate profiles sync\`, which keeps the settings that you add)`,
      '[profile payments-dev-Developer]',
      `credential_process = ${command} ${developer.roleArn}`,
      'region = eu-west-1',
      '',
      '[profile payments-prod-Admin]',
      `credential_process = ${command} ${admin.roleArn}`,
      'region = us-east-2',
      `# END rolegate ${broker.url}`,
      '',
    ]);
    expect(machine.takeStderr()).toBe(`${config} has 2 profiles of this broker: 2 added\n`);
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(statSync(join(config, '..')).mode & 0o777).toBe(0o700);
    const { ino } = statSync(config);
    await sync();
    expect(machine.takeStderr()).toContain('nothing had to change');
    expect(statSync(config).ino).toBe(ino);
  });

  test('follows a link, keeps the mode, and leaves no file behind', async () => {
    write('elsewhere', '[default]\nregion = eu-west-1');
    chmodSync(join(machine.home, '.aws/elsewhere'), 0o640);
    symlinkSync('elsewhere', config);
    await sync();
    expect(lstatSync(config).isSymbolicLink()).toBe(true);
    expect(statSync(config).mode & 0o777).toBe(0o640);
    expect(text()).toMatch(/^\[default\]\nregion = eu-west-1\n# BEGIN/);
    expect(readdirSync(join(machine.home, '.aws')).sort()).toEqual(['config', 'elsewhere']);
    await run('profiles remove --yes');
    expect(text()).toBe('[default]\nregion = eu-west-1');
  });

  test('leaves bytes of any encoding as they are', async () => {
    const bytes = Buffer.from([...Array(256).keys()].flatMap((byte) => [byte, 0x0d, 0x0a]));
    mkdirSync(join(config, '..'));
    writeFileSync(config, bytes);
    await sync();
    expect(readFileSync(config).subarray(0, bytes.length).equals(bytes)).toBe(true);
    await run('profiles remove --yes');
    expect(readFileSync(config).equals(bytes)).toBe(true);
  });

  test('keeps the owner of the file, also for root', async () => {
    write('config', '');
    const [uid, gid] = process.getuid?.() === 0 ? [4321, 4321] : [statSync(config).uid, statSync(config).gid];
    chownSync(config, uid, gid);
    await sync();
    expect(statSync(config)).toMatchObject({ uid, gid });
    expect(profiles()).toHaveLength(2);
  });

  test('follows a link to a file that is not there yet', async () => {
    mkdirSync(join(machine.home, '.aws'));
    symlinkSync('../later', config);
    await sync();
    expect(readFileSync(join(machine.home, 'later'), 'utf8')).toContain('[profile payments-prod-Admin]');
  });

  test('writes where AWS_CONFIG_FILE says', async () => {
    useMachine({ env: { AWS_CONFIG_FILE: '~/elsewhere/config' }, homeDirectory: machine.home });
    signInAt(machine.context, broker.url);
    await sync();
    expect(readFileSync(join(machine.context.homeDirectory, 'elsewhere/config'), 'utf8')).toContain('[profile');
  });

  test('keeps profiles whose role is gone, until told to remove them', async () => {
    await sync();
    broker.roles = [developer];
    machine.takeStderr();
    await sync();
    expect(machine.takeStderr()).toContain(
      'kept payments-prod-Admin: you no longer have its role (--prune removes it)',
    );
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
    await sync('--prune');
    expect(profiles()).toEqual(['payments-dev-Developer']);
    broker.roles = [];
    await sync('--prune');
    expect(text()).toBe('');
  });

  test('of two brokers leaves each its own', async () => {
    await sync();
    const first = text();
    await run('profiles sync --yes', other.url);
    expect(text().startsWith(first)).toBe(true);
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin', 'sandbox-Builder']);
    await run('profiles remove --yes');
    await run('profiles remove --yes', other.url);
    expect(text()).toBe('');
  });

  test('lets profiles open a browser where that is wanted', async () => {
    await sync('--login');
    expect(text()).toMatch(/--role \S+ --login$/m);
  });

  test('says what it did as JSON', async () => {
    await sync('--json');
    expect(JSON.parse(machine.takeStdout())).toEqual({
      file: config,
      current: true,
      added: ['payments-dev-Developer', 'payments-prod-Admin'],
      changed: [],
      renamed: [],
      removed: [],
      stale: [],
    });
  });
});

describe('before anything is written', () => {
  test('--diff shows the lines that change, those of others never', async () => {
    write('config', '[profile mine]\naws_secret_access_key = SECRET\n');
    await sync();
    broker.roles = [{ ...developer, region: 'eu-north-1' }, admin];
    const before = text();
    machine.takeStderr();
    await run('profiles sync --diff');
    const shown = machine.takeStdout();
    expect(shown).toContain(`--- ${config}\n+++ ${config}\n@@ -4,7 +4,7 @@\n # BEGIN`);
    expect(shown.match(/^[-+](?!--|\+\+).*/gm)).toEqual(['-region = eu-west-1', '+region = eu-north-1']);
    expect(shown).not.toContain('SECRET');
    expect(text()).toBe(before);
    expect(machine.takeStderr()).toBe('');
  });

  test('--dry-run lists names', async () => {
    await sync();
    broker.roles = [{ ...developer, region: 'eu-north-1' }, roleEntry('sandbox/Builder')];
    const before = text();
    await run('profiles sync --dry-run --prune');
    const lines = machine.takeStdout().trim().split('\n');
    expect(lines).toEqual(['added sandbox-Builder', 'changed payments-dev-Developer', 'removed payments-prod-Admin']);
    expect(text()).toBe(before);
  });

  test('a person is asked; where there is none, --yes must say so', async () => {
    await expect(run('profiles sync')).rejects.toMatchObject({ exit: 'usage' });
    expect(readdirSync(machine.home)).not.toContain('.aws');
    for (const [answer, written] of [
      ['\n', false],
      ['no\n', false],
      ['y\n', true],
    ] as const) {
      useMachine({ isInteractive: true });
      const done = run('profiles sync');
      machine.context.stdin.push(answer);
      await done;
      expect(readdirSync(machine.home).includes('.aws')).toBe(written);
      expect(machine.takeStderr()).toMatch(/\+\[profile payments-prod-Admin\].*\? \[y\/N\]/s);
    }
  });

  test('a person who leaves has changed nothing', async () => {
    useMachine({ isInteractive: true });
    const done = run('profiles sync');
    machine.context.stdin.push(null);
    await expect(done).rejects.toMatchObject({ exit: 'failed', message: 'nothing was changed' });
  });

  /** Asks, lets another process write the file, and answers yes. */
  async function answerAfter(content: string): Promise<void> {
    useMachine({ isInteractive: true });
    write('config', '[default]\n');
    const done = run('profiles sync');
    const { stderr, stdin } = machine.context;
    await new Promise<void>((resolve) => {
      stderr.on('data', (data) => /\[y\/N\]/.test(String(data)) && resolve());
    });
    write('config', content);
    stdin.push('y\n');
    await done;
  }

  test('a change that another process makes during the question is kept', async () => {
    await answerAfter('[default]\nregion = x\n');
    expect(text()).toMatch(/^\[default\]\nregion = x\n\n# BEGIN.*payments-prod-Admin/s);
  });

  test.each([
    ['busy', () => `# BEGIN rolegate ${broker.url}\n# END rolegate ${broker.url}\n`],
    ['failed', () => '[profile payments-prod-Admin]\n'],
  ])('a change that another process makes during the question may conflict: %s', async (exit, content) => {
    await expect(answerAfter(content())).rejects.toMatchObject({ exit });
    expect(text()).toBe(content());
  });

  test('two at once both have their profiles in the end', async () => {
    await Promise.all([sync(), run('profiles sync --yes', other.url)]);
    expect(profiles().sort()).toEqual(['payments-dev-Developer', 'payments-prod-Admin', 'sandbox-Builder']);
  });

  test('a file that cannot be read is named', async () => {
    mkdirSync(config, { recursive: true });
    await expect(sync()).rejects.toMatchObject({ exit: 'failed', message: `${config} cannot be read (EISDIR)` });
  });
});

describe('is refused, with nothing written,', () => {
  test.each<[string, 'config' | 'credentials', string, RegExp]>([
    [
      'a profile that rolegate did not write',
      'config',
      '[profile payments-dev-Developer]\nregion = x\n',
      /not from rolegate: rename or remove/,
    ],
    ['one written with quotes', 'config', '[profile "payments-dev-Developer"]\n', /not from rolegate/],
    ['one with keys', 'config', '[profile payments-dev-Developer]\naws_access_key_id = x\n', /has aws_access_key_id/],
    ['one of IAM Identity Center', 'config', '[profile payments-dev-Developer]\nsso_session = x\n', /has sso_session/],
    [
      'one that assumes a role',
      'config',
      '[profile payments-dev-Developer]\nsource_profile = x\n',
      /has source_profile/,
    ],
    ['settings for all', 'config', '[DEFAULT]\nsso_start_url = x\n', /\[DEFAULT\].*gives sso_start_url/],
    [
      'static keys',
      'credentials',
      '[payments-dev-Developer]\naws_access_key_id = x\n',
      /has aws_access_key_id, which every SDK takes before/,
    ],
    ['another source', 'credentials', '[payments-dev-Developer]\r\nrole_arn = x\r\n', /has role_arn/],
  ])('where there is %s', async (_, file, content, message) => {
    write('config', '');
    write(file, content);
    const before = text();
    await expect(sync()).rejects.toMatchObject({ exit: 'failed', message: expect.stringMatching(message) });
    expect(text()).toBe(before);
    write(file, content.replace('payments-dev-Developer', 'mine').replace('DEFAULT', 'default'));
    await sync();
    expect(profiles()).toContain('payments-dev-Developer');
  });

  test.each<[string, Partial<RoleEntry>]>([
    ['a line end', { accountAlias: 'x\naws_access_key_id = y' }],
    ['an escape sequence', { accountName: 'x\u001b[2J' }],
    ['a mark that turns the direction of writing', { environment: 'prod\u202e' }],
    ['a region that is none', { region: 'eu-west-1\n[default]' }],
    ['an ARN that is none', { roleArn: `${developer.roleArn} --broker x` }],
  ])('a role whose names have %s', async (_, odd) => {
    broker.roles = [{ ...developer, ...odd }];
    write('config', '');
    await expect(sync()).rejects.toMatchObject({
      exit: 'failed',
      message: expect.not.stringMatching(/[\p{Cc}\p{Cf}]/u),
    });
    expect(text()).toBe('');
  });

  test.each([
    ['--template {account}', /\{account\} is not a field/],
    ['--template {constructor}', /is not a field/],
    ['--template same', /needs a field/],
    ['--helper rolegate', /not an absolute path/],
    ['--helper /opt/rolegate;id', /SDKs read differently/],
  ])('%s', (options, message) =>
    expect(sync(options)).rejects.toMatchObject({ exit: 'usage', message: expect.stringMatching(message) }),
  );

  test('a path with signs that SDKs read differently, unless another way to start it is given', async () => {
    useMachine({ argv0: ['/usr/bin/node', '/opt/$tools/rolegate.cjs'] });
    await expect(sync()).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining('--helper') });
    useMachine({ argv0: ['/usr/bin/node', '/home/x/.npm/_npx/1/rolegate.cjs'] });
    await expect(sync()).rejects.toMatchObject({ exit: 'usage', message: expect.stringContaining('npx') });
    useMachine();
    await sync('--helper /opt/tools/rolegate');
    expect(text()).toContain('credential_process = /opt/tools/rolegate credential-process');
  });
});

test('variables that would win over a profile are named', async () => {
  useMachine({ env: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' } });
  await sync();
  expect(machine.takeStderr()).toMatch(/AWS_ACCESS_KEY_ID is set: .*: unset AWS_ACCESS_KEY_ID\n/);
});

test('list shows the profiles that rolegate wrote, as a table or as JSON', async () => {
  write('config', '[profile mine]\n');
  await run('profiles list');
  expect(machine.takeStderr()).toContain('has no profiles of this broker');
  await sync();
  await run('profiles list');
  expect(machine.takeStdout().split('\n')[1]).toBe('payments-dev-Developer  444455556666/Developer  eu-west-1');
  await run('profiles list --json');
  expect(JSON.parse(machine.takeStdout()).profiles[1]).toEqual({
    name: 'payments-prod-Admin',
    roleArn: admin.roleArn,
    secondRoleArn: null,
    region: 'us-east-2',
  });
});
