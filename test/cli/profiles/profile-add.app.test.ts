// `profiles add`: a profile of a second role beside those of `profiles sync`, which leaves it alone.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

const developer = roleEntry('payments-dev/Developer');
const admin = roleEntry('payments-prod/Admin', { region: 'us-east-2' });
const second = 'arn:aws:iam::333344445555:role/ops/Deploy';
let broker: RolesBroker;
let machine: Machine;
let config: string;

beforeAll(async () => {
  broker = await startRolesBroker();
});
afterAll(() => broker.close());
beforeEach(() => {
  broker.roles = [admin, developer];
  machine = createMachine();
  config = join(machine.home, '.aws/config');
  signInAt(machine.context, broker.url);
});
afterEach(() => machine.remove());

const run = (...words: string[]) => runProgram(machine.context, [...words, '--broker', broker.url]);
const add = (name: string, ...more: string[]) =>
  run('profiles', 'add', name, '--role', 'payments-dev/Developer', '--then', second, '--yes', ...more);
const sync = (...options: string[]) => run('profiles', 'sync', '--yes', ...options);
const text = () => readFileSync(config, 'utf8');
const profiles = () => [...text().matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name);
const listed = async () => {
  machine.takeStdout();
  await run('profiles', 'list', '--json');
  return JSON.parse(machine.takeStdout()).profiles;
};

describe('profiles add', () => {
  test('writes the command with both roles, the external id and the region of the first account', async () => {
    await add('deploy', '--external-id', 'tenant/42', '--duration', '30m', '--login');
    const start = `/usr/bin/node /opt/rolegate/rolegate.cjs credential-process --broker ${broker.url}`;
    const words = `--role ${developer.roleArn} --then ${second} --external-id tenant/42 --duration 30m --login`;
    expect(text()).toContain(`[profile deploy]\ncredential_process = ${start} ${words}\nregion = eu-west-1\n# END`);
    expect(await listed()).toEqual([
      { name: 'deploy', roleArn: developer.roleArn, secondRoleArn: second, region: 'eu-west-1' },
    ]);
    await run('profiles', 'list');
    expect(machine.takeStdout()).toContain('444455556666/Developer then 333344445555/ops/Deploy');
  });

  test('again replaces it, and keeps what people added', async () => {
    await add('deploy');
    writeFileSync(config, text().replace('region = eu-west-1\n', 'region = eu-west-1\noutput = table\n'));
    await add('deploy', '--region', 'us-east-1', '--json');
    expect(JSON.parse(machine.takeStdout())).toEqual({
      file: config,
      current: true,
      profile: { name: 'deploy', roleArn: developer.roleArn, secondRoleArn: second, region: 'us-east-1' },
    });
    expect(text()).toMatch(/\[profile deploy\]\n.*\nregion = us-east-1\noutput = table\n/);
  });

  test.each([
    ['a name that SDKs read differently', () => add('a b')],
    ['[default]', () => add('default')],
    ['a second role that is not whole', () => add('x', '--then', 'Deploy')],
    ['more than an hour', () => add('x', '--duration', '2h')],
  ])('refuses %s', async (_, act) => {
    await expect(act()).rejects.toMatchObject({ exit: 'usage' });
  });

  test('refuses the name of a profile of sync, and of another section with credentials', async () => {
    await sync();
    const before = text();
    await expect(add('payments-prod-Admin')).rejects.toThrow(`is the profile of ${admin.roleArn}`);
    expect(text()).toBe(before);
    writeFileSync(config, `[profile mine]\nrole_arn = x\n${before}`);
    await expect(add('mine')).rejects.toThrow('these would override your profiles');
  });

  test('refuses a role that the person does not have', async () => {
    const refused = run('profiles', 'add', 'x', '--role', 'payments-dev/Owner', '--then', second, '--yes');
    await expect(refused).rejects.toMatchObject({ exit: 'denied' });
  });
});

describe('sync', () => {
  test('keeps it in every respect but the command that it starts, whatever the template', async () => {
    await add('deploy', '--external-id', 'x1');
    const helper = join(machine.home, 'rolegate');
    writeFileSync(helper, '');
    await sync('--template', '{role}', '--duration', '8h', '--prune', '--helper', helper);
    expect(profiles()).toEqual(['Admin', 'Developer', 'deploy']);
    const words = `--role ${developer.roleArn} --then ${second} --external-id x1`;
    expect(text()).toContain(
      `[profile deploy]\ncredential_process = ${helper} credential-process --broker ${broker.url} ${words}\n`,
    );
    await sync();
    expect(text().match(/--then/g)).toHaveLength(1);
  });

  test('of a role that is gone names it, and removes it when asked', async () => {
    await add('deploy');
    broker.roles = [admin];
    machine.takeStderr();
    await sync();
    expect(machine.takeStderr()).toContain('kept deploy: you no longer have its role');
    await sync('--prune');
    expect(profiles()).toEqual(['payments-prod-Admin']);
  });

  test('does not take its name', async () => {
    await add('Admin');
    const before = text();
    await expect(sync('--template', '{role}')).rejects.toThrow('Admin is a profile of `profiles add`');
    expect(text()).toBe(before);
  });
});

describe('profiles remove', () => {
  test('removes those that are named, or all', async () => {
    await sync();
    await add('deploy');
    await run('profiles', 'remove', 'deploy', 'payments-prod-Admin', '--yes');
    expect(machine.takeStderr()).toContain('removed deploy, payments-prod-Admin');
    expect(profiles()).toEqual(['payments-dev-Developer']);
    await expect(run('profiles', 'remove', 'deploy', '--yes')).rejects.toMatchObject({ exit: 'usage' });
    machine.takeStdout();
    await run('profiles', 'remove', '--yes', '--json');
    expect(JSON.parse(machine.takeStdout())).toEqual({
      file: config,
      current: true,
      removed: ['payments-dev-Developer'],
    });
    expect(text()).toBe('');
  });
});

test('Tab offers the second roles of the profiles', async () => {
  mkdirSync(join(machine.home, '.aws'), { recursive: true });
  await add('deploy');
  machine.takeStdout();
  await runProgram(machine.context, ['complete', '--', 'exec', 'payments-dev/Developer', '--then', 'arn']);
  expect(machine.takeStdout()).toBe(`${second}\n`);
});
