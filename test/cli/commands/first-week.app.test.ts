// What the built command says in situations of the first week, in a fresh home.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
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

test('a broken file of settings is named', async () => {
  const file = join(machine.home, '.config/rolegate/config.json');
  mkdirSync(join(machine.home, '.config/rolegate'), { recursive: true });
  writeFileSync(file, '{');
  const { code, stderr } = await bundle.run(machine.home, ['status']);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${file} names no broker, or cannot be read`)]);
});

test('logout removes the sessions of mfa', async () => {
  const folder = join(machine.home, '.cache/rolegate/mfa');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'carol.json'), '{}');
  expect(await run('logout')).toMatchObject({ code: 0 });
  expect(existsSync(folder)).toBe(false);
});
