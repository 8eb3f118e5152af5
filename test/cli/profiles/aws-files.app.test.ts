// The built command and the files of AWS as they are on real machines: devices, pipes, encodings, mounts, links, modes.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { endsWithUs } from '../../support/children.ts';
import { signInAt } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

let bundle: Bundle;
let broker: RolesBroker;
let machine: Machine;
let config: string;

beforeAll(async () => {
  const roles = [roleEntry('payments-dev/Developer'), roleEntry('payments-prod/Admin')];
  [bundle, broker] = await Promise.all([buildBundle(), startRolesBroker(roles)]);
});
afterAll(async () => {
  bundle.remove();
  await broker.close();
});
beforeEach(() => {
  machine = createMachine();
  signInAt(machine.context, broker.url);
  config = join(machine.home, '.aws/config');
  mkdirSync(join(machine.home, '.aws'));
});
afterEach(() => machine.remove());

const run = (args: string, env: Readonly<Record<string, string>> = {}) =>
  bundle.run(machine.home, args.split(' '), { ROLEGATE_URL: broker.url, ...env });
const sync = (options = '', env: Readonly<Record<string, string>> = {}) =>
  run(`profiles sync --yes${options && ` ${options}`}`, env);
const names = () => readdirSync(join(machine.home, '.aws')).sort();
const profiles = (file = config) =>
  [...readFileSync(file, 'utf8').matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name);

describe('a file of the AWS CLI that is', () => {
  test('a pipe is refused before it is read', { timeout: 60_000 }, async () => {
    const pipe = join(machine.home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const command of ['profiles sync --yes', 'profiles list', 'profiles remove --yes']) {
      const { code, stderr } = await run(command, { AWS_CONFIG_FILE: pipe });
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${pipe} is not a file`)]);
    }
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test('a device is refused, and no command that only looks minds it', async () => {
    const before = lstatSync('/dev/null');
    expect(await sync('', { AWS_CONFIG_FILE: '/dev/null' })).toMatchObject({ code: 2 });
    expect(await sync('', { AWS_SHARED_CREDENTIALS_FILE: '/dev/null' })).toMatchObject({ code: 0 });
    const after = lstatSync('/dev/null');
    expect([after.isCharacterDevice(), after.ino, after.mode]).toEqual([true, before.ino, before.mode]);
    const { stdout } = await run('doctor', { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
    expect(stdout).not.toMatch(/chmod.*\/dev\/null/);
  });

  test.each([
    ['with a mark', '\ufeff'],
    ['without one', ''],
  ])('in UTF-16 %s is refused and stays what it was', async (_, mark) => {
    const bytes = Buffer.from(`${mark}[profile a]\r\nregion = eu-west-1\r\n`, 'utf16le');
    for (const file of ['config', 'credentials']) {
      const path = join(machine.home, '.aws', file);
      writeFileSync(path, bytes);
      const { code, stderr } = await sync();
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${path} is in UTF-16`)]);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect((await run('doctor')).stdout).toContain(`FAILED   profiles: ${path} is in UTF-16`);
      writeFileSync(path, '');
    }
  });

  test.each([
    ['begins with a mark', '\ufeff[default]\n', 'begins with a byte order mark'],
    ['has a section twice', '[profile a]\nx = 1\n[profile a]\n', 'line 3: [profile a] is there twice (line 1)'],
    ['has a setting twice', '[default]\nregion = a\nRegion = b\n', 'line 3: region is there twice'],
    ['has a line that is none', '[default]\nregion\n', 'line 2: not a setting'],
    ['begins with a setting', 'region = a\n', 'line 1: a setting before the first section'],
  ])('%s, which the AWS CLI cannot read, gets a warning', async (_, content, problem) => {
    writeFileSync(config, content);
    const aws = spawnSync('aws', ['configure', 'list-profiles'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: machine.home },
    });
    expect(aws.stderr).toMatch(/parse|Missing|Duplicate/i);
    expect(await sync()).toMatchObject({ code: 0, stderr: expect.stringContaining(`${config}: ${problem}`) });
    expect((await run('doctor')).stdout).toContain(`WARNING  aws files: ${config}: ${problem}`);
  });

  test('read by the AWS CLI gets none', async () => {
    const nested =
      '# note\n[default]\ns3 =\n  addressing_style = path\n  max_queue_size = 1\n; note\nregion: x\n\n[profile b]\nregion=x\n';
    writeFileSync(config, nested);
    const { stderr } = await sync();
    expect(stderr).toBe(`${config} has 2 profiles of this broker: 2 added\n`);
  });
});

describe('a file that', () => {
  test('is mounted is written in place', async () => {
    writeFileSync(config, '[default]\nregion = x\n');
    writeFileSync(join(machine.home, 'outside'), '[default]\nregion = mounted\n');
    const script = 'mount --bind "$HOME/outside" "$HOME/.aws/config" && exec "$0" "$@"';
    const words = ['-rm', 'sh', '-c', script, inject('node'), bundle.file, 'profiles', 'sync', '--yes'];
    const env = { PATH: process.env['PATH'], HOME: machine.home, ROLEGATE_URL: broker.url };
    const child = endsWithUs(spawn('unshare', words, { env, stdio: ['ignore', 'ignore', 'pipe'] }));
    const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('2 added')]);
    expect(readFileSync(join(machine.home, 'outside'), 'utf8')).toMatch(/^\[default\]\nregion = mounted\n\n# BEGIN/);
    expect(readFileSync(config, 'utf8')).toBe('[default]\nregion = x\n');
    expect(names()).toEqual(['config']);
  });

  test('has another name keeps both', async () => {
    writeFileSync(config, '[default]\n');
    linkSync(config, join(machine.home, 'dotfiles'));
    expect(await sync()).toMatchObject({ code: 0 });
    expect(profiles(join(machine.home, 'dotfiles'))).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
    expect([statSync(config).nlink, names()]).toEqual([2, ['config']]);
  });

  test('is read-only is left alone, and named with where the link leads', async () => {
    const target = join(machine.home, 'store');
    writeFileSync(target, '[default]\n');
    chmodSync(target, 0o400);
    symlinkSync(target, config);
    const { code, stderr } = await sync();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`${config} (a link to ${target}) is read-only (mode 0400)`),
    ]);
    expect(readFileSync(target, 'utf8')).toBe('[default]\n');
    expect(await sync('--force')).toMatchObject({ code: 0 });
    expect([profiles(target).length, statSync(target).mode & 0o777]).toEqual([2, 0o400]);
  });

  test('lost its comments is still ours, and nothing is there twice', async () => {
    const foreign = '[profile mine]\ncredential_process = /usr/bin/other --role arn:aws:iam::444455556666:role/X\n';
    writeFileSync(config, foreign);
    await sync();
    const script = `
import configparser, sys
c = configparser.RawConfigParser(default_section=None); c.read(sys.argv[1])
c.write(open(sys.argv[1], 'w'))`;
    execFileSync('python3', ['-c', script, config]);
    expect(readFileSync(config, 'utf8')).not.toContain('# BEGIN');
    const { stdout } = await run('profiles list');
    expect(stdout).toContain('payments-prod-Admin');
    const stripped = readFileSync(config, 'utf8');
    expect(await sync()).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing had to change') });
    expect(profiles()).toEqual(['mine', 'payments-dev-Developer', 'payments-prod-Admin']);
    expect(readFileSync(config, 'utf8')).toMatch(
      /^\[profile mine\]\ncredential_process = \/usr\/bin\/other[\s\S]*# BEGIN/,
    );
    writeFileSync(config, stripped);
    expect(await run('profiles remove --yes')).toMatchObject({ code: 0 });
    expect(readFileSync(config, 'utf8').trim()).toBe(foreign.trim());
  });
});

test('on a file system without permissions, a line says where to put the files', async () => {
  const shim = fileURLToPath(new URL('../support/no-permissions.cjs', import.meta.url));
  const env = { NODE_OPTIONS: `--require ${shim}` };
  for (const command of ['login --no-browser', 'logout']) {
    const { code, stderr } = await run(command, env);
    const expected = /keeps no permissions: set ROLEGATE_(?:CONFIG|STATE|CACHE)_HOME/;
    expect([command, code, stderr]).toEqual([command, 1, expect.stringMatching(expected)]);
  }
});
