// What the built command says in situations of the first week, in a fresh home.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { endsWithUs } from '../../support/children.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { signInAt } from '../support/broker.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { startLive } from '../support/live-process.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let bundle: Bundle;
let server: StandIn;
let machine: Machine;
beforeAll(async () => {
  [bundle, server] = await Promise.all([buildBundle(), startStandIn()]);
});
afterAll(async () => {
  bundle.remove();
  await server.stop();
});
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

const run = (args: string, env: Readonly<Record<string, string>> = {}) =>
  bundle.run(machine.home, args.split(' '), { ROLEGATE_URL: server.origin, ...env });

test('login --remote without a person says so', async () => {
  const { code, stderr } = await run('login --remote');
  expect([code, stderr]).toEqual([3, expect.stringContaining('standard input ended before the line was pasted')]);
});

test('doctor looks for the program of BROWSER, and for the profile of AWS_PROFILE', async () => {
  const { stdout } = await run('doctor', { BROWSER: '/nope/firefox %s', AWS_PROFILE: 'nonexistent' });
  expect(stdout).toContain('WARNING  browser: BROWSER names /nope/firefox, which is not found');
  expect(stdout).toContain('WARNING  AWS_PROFILE: no file has the profile nonexistent');
  mkdirSync(join(machine.home, '.aws'));
  writeFileSync(join(machine.home, '.aws/config'), '[profile nonexistent]\nregion = eu-west-1\n', { mode: 0o600 });
  const second = await run('doctor', { BROWSER: 'sh -c', AWS_PROFILE: 'nonexistent' });
  expect(second.stdout).toContain('ok       browser: sh -c');
  expect(second.stdout).not.toContain('AWS_PROFILE');
});

test('the browser of init opens the sign-in, where BROWSER names no other', async () => {
  const opened = join(machine.home, 'opened');
  const browser = (name: string) => {
    const file = join(machine.home, name);
    writeFileSync(
      file,
      `#!/bin/sh\nprintf '%s %s' ${name} "$2" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`,
    );
    chmodSync(file, 0o755);
    return file;
  };
  await bundle.run(machine.home, ['init', server.origin, '--browser', `${browser('kept')} --new-window %s`]);
  for (const [name, env] of [
    ['kept', {}],
    ['other', { BROWSER: `${browser('other')} -w` }],
  ] as const) {
    const login = startLive([bundle.file, 'login'], { HOME: machine.home, ...env });
    await expect.poll(() => existsSync(opened)).toBe(true);
    expect(readFileSync(opened, 'utf8')).toMatch(new RegExp(`^${name} ${server.origin}/oauth/authorize\\?`));
    rmSync(opened);
    login.child.kill('SIGINT');
    await login.ended;
  }
});

test('a broken file of settings is named', async () => {
  const file = join(machine.home, '.config/rolegate/config.json');
  mkdirSync(join(machine.home, '.config/rolegate'), { recursive: true });
  writeFileSync(file, '{');
  const { code, stderr } = await bundle.run(machine.home, ['status']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${file} names no broker, or cannot be read`)]);
});

test('doctor works before init, and says what to do first', async () => {
  const { code, stdout } = await bundle.run(machine.home, ['doctor'], { HTTPS_PROXY: 'http://proxy.example:3128' });
  expect(code).toBe(2);
  expect(stdout).toMatch(/^ok {7}loopback/m);
  expect(stdout).toMatch(/^ok {7}proxy: http:\/\/proxy\.example:3128/m);
  expect(stdout).toMatch(/^FAILED {3}broker: no broker is configured/m);
  const json = JSON.parse((await bundle.run(machine.home, ['doctor', '--json'])).stdout);
  expect(json).toMatchObject({ schema: 1, broker: null, ok: false });
});

test('console knows its services', async () => {
  const { code, stderr } = await run('console 444455556666/Developer --service cloud-watch --print');
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/"cloud-watch" is not a console service: did you mean .*cloudwatch/),
  ]);
  expect(await run('console 444455556666/Developer --service cloudwatch --print')).toMatchObject({ code: 0 });
});

test('help has groups, examples, exit codes, the environment and an address', async () => {
  const { stdout } = await run('--help');
  for (const part of ['Sign in:', 'Use credentials:', 'Exit codes:', 'ROLEGATE_CA_BUNDLE', `${server.origin}/cli`]) {
    expect(stdout).toContain(part);
  }
  expect(stdout).not.toMatch(/^ {2}complete /m);
  const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) (?:\[|<| )/gm)].map(([, name]) => name!);
  expect(names).toEqual(expect.arrayContaining(['init', 'exec', 'ecr-login', 'version']));
  for (const name of names.filter((each) => each !== 'help' && each !== 'rolegate')) {
    expect((await run(`${name} --help`)).stdout, name).toMatch(/\nExamples:\n {2}.*rolegate/);
  }
});

test('errors are JSON where JSON was asked for, on standard error', async () => {
  const { code, stdout, stderr } = await run('whoami --json');
  expect([code, stdout]).toEqual([3, '']);
  const message = expect.stringContaining('run `rolegate login`');
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'login', exit: 3, message } });
  const usage = await run('roles --json --nope');
  expect([usage.code, JSON.parse(usage.stderr).error.code]).toEqual([2, 'usage']);
  const { stderr: text } = await run('roles --nope');
  expect(text).toMatch(/^rolegate: unknown option '--nope'\n(.*\n)?see `rolegate roles --help`\n/);
  // Behind `--` it is another program's option.
  expect((await run('exec nobody/Nothing -- cat --json')).stderr).toMatch(/^rolegate: /);
});

test('an old Node is named, in place of a stack', async () => {
  const preload = join(machine.home, 'old.cjs');
  writeFileSync(preload, "Object.defineProperty(process.versions, 'node', { value: '14.21.3' });\n");
  const { code, stderr } = await run('--version', { NODE_OPTIONS: `--require ${preload}` });
  expect([code, stderr]).toEqual([1, 'rolegate: needs Node 20.19 or newer, and this is 14.21.3: install Node 24\n']);
});

test('Ctrl-C in login leaves nothing behind', async () => {
  const login = startLive([bundle.file, 'login', '--no-browser'], { HOME: machine.home, ROLEGATE_URL: server.origin });
  await login.says(/The page shows this code/);
  const sockets = () => readdirSync(join(machine.home, '.local/state/rolegate/run'));
  expect(sockets()).toHaveLength(1);
  login.child.kill('SIGINT');
  expect(await login.ended).toBe('SIGINT');
  expect(sockets()).toEqual([]);
});

describe('folders that cannot be written', () => {
  const [state, cache] = ['.local/state/rolegate', '.cache/rolegate'];
  /** Root may write everywhere. */
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

  async function asUser(...args: string[]) {
    const env = { PATH: process.env['PATH'], HOME: machine.home, ROLEGATE_URL: server.origin };
    const child = endsWithUs(
      spawn(inject('node'), [bundle.file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], ...user }),
    );
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number, stdout, stderr };
  }

  beforeEach(() => {
    chmodSync(dirname(bundle.file), 0o755);
    signInAt(machine.context, server.origin);
    const { uid, gid } = user as { uid?: number; gid?: number };
    const files = readdirSync(machine.home, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(machine.home, name),
    );
    const folders = files.filter((file) => statSync(file).isDirectory());
    if (uid !== undefined) for (const file of [machine.home, ...files]) chownSync(file, uid, gid!);
    for (const folder of folders) if (folder.includes('/rolegate')) chmodSync(folder, 0o500);
  });

  test('are named, and doctor finds them', async () => {
    const { code, stderr } = await asUser('login', '--no-browser', '--force');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^rolegate: \/\S*state\/rolegate\S* cannot be used: permission denied \(EACCES\)\n$/),
    ]);
    expect((await asUser('doctor')).stdout).toMatch(
      /^FAILED {3}folders: cannot write .*\.local\/state\/rolegate\S* \(EACCES\)/m,
    );
  });

  test('keep no tokens and credentials after logout', async () => {
    const { code, stderr } = await asUser('logout');
    expect([code, stderr]).toEqual([0, expect.stringContaining('Signed out of')]);
    const files = [state, cache].flatMap((folder) =>
      readdirSync(join(machine.home, folder), { recursive: true, withFileTypes: true }).filter((each) => each.isFile()),
    );
    expect(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('')).toBe('');
    expect(await asUser('whoami')).toMatchObject({ code: 3 });
  });
});

test('logout removes the sessions of mfa', async () => {
  const folder = join(machine.home, '.cache/rolegate/mfa');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'carol.json'), '{}');
  expect(await run('logout')).toMatchObject({ code: 0 });
  expect(existsSync(folder)).toBe(false);
});
