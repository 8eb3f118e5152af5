// What `profiles sync` remembers for a broker, what it keeps of what people wrote, and what it renames.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rememberBroker } from '../../../src/cli/machine/settings.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

const developer = roleEntry('payments-dev/Developer');
const admin = roleEntry('payments-prod/Admin', { region: 'us-east-2' });
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
const sync = (...options: string[]) => run('profiles', 'sync', '--yes', ...options);
const text = () => readFileSync(config, 'utf8');
const profiles = () => [...text().matchAll(/^\[profile (.*)\]$/gm)].map(([, name]) => name);
const edit = (from: string, to: string) => {
  expect(text()).toContain(from);
  writeFileSync(config, text().replace(from, to));
};

describe('the next sync', () => {
  test('uses template, login, duration and helper of the last one, until told otherwise', async () => {
    const helper = join(machine.home, 'rolegate');
    writeFileSync(helper, '');
    chmodSync(helper, 0o755);
    await sync('--template', '{environment}.{role}', '--login', '--duration', '8h', '--helper', helper);
    const first = text();
    expect(first).toMatch(
      /^\[profile production\.Admin\]\ncredential_process = \S+\/rolegate credential-process .* --duration 8h --login$/m,
    );
    await sync();
    expect(text()).toBe(first);
    await sync('--no-login', '--no-duration', '--no-helper', '--template', '{alias}-{role}');
    expect(text()).toMatch(/= \/usr\/bin\/node \S+ credential-process .* --role \S+$/m);
    const plain = text();
    await sync();
    expect(text()).toBe(plain);
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
  });

  test('runs this command where the helper of the last one is gone, also in profiles without a role', async () => {
    const helper = join(machine.home, 'rolegate');
    writeFileSync(helper, '');
    await sync('--helper', helper);
    expect(text()).toContain(helper);
    machine.takeStderr();
    broker.roles = [developer];
    rmSync(helper);
    await sync();
    expect(machine.takeStderr()).toContain('no longer exists');
    expect(text()).not.toContain(helper);
    expect(profiles()).toContain('payments-prod-Admin');
  });

  test('with another template renames, and calls no profile stale', async () => {
    await sync();
    machine.takeStderr();
    await sync('--template', '{role}');
    const lines = ['renamed payments-prod-Admin to Admin', 'renamed payments-dev-Developer to Developer'];
    expect(machine.takeStderr().split('\n')).toEqual([
      ...lines,
      `${config} has 2 profiles of this broker: 2 renamed`,
      '',
    ]);
    expect(profiles()).toEqual(['Admin', 'Developer']);
    await sync('--template', '{alias}', '--json');
    expect(JSON.parse(machine.takeStdout())).toMatchObject({
      renamed: [
        { from: 'Developer', to: 'payments-dev' },
        { from: 'Admin', to: 'payments-prod' },
      ],
      stale: [],
    });
  });

  test('does not remember what was only shown', async () => {
    await run('profiles', 'sync', '--diff', '--login');
    await sync();
    expect(text()).not.toContain('--login');
  });
});

describe('what people wrote', () => {
  test('stays: settings, nested ones, comments, and a region of their own', async () => {
    await sync();
    edit('region = us-east-2\n', 'region = ap-south-1\noutput = table\ns3 =\n  addressing_style = path\n# mine\n');
    await sync('--login', '--template', 'x-{role}');
    expect(text()).toMatch(
      /\[profile x-Admin\]\ncredential_process = .* --login\nregion = ap-south-1\noutput = table\ns3 =\n {2}addressing_style = path\n# mine\n/,
    );
    expect(text()).toMatch(/\[profile x-Developer\]\ncredential_process = .*\nregion = eu-west-1\n/);
  });

  test('but a region of the account that changed is followed', async () => {
    await sync();
    broker.roles = [admin, { ...developer, region: 'eu-north-1' }];
    machine.takeStderr();
    await sync();
    expect(text()).toContain('region = eu-north-1');
    expect(machine.takeStderr()).toContain('changed payments-dev-Developer\n');
  });
});

describe('words and regions', () => {
  test('words write those profiles only; the others stay', async () => {
    await sync('dev');
    expect(profiles()).toEqual(['payments-dev-Developer']);
    await sync('payments-prod/Admin', '--login');
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
    expect(text().match(/--login/g)).toHaveLength(1);
    await expect(sync('nothing')).rejects.toMatchObject({ exit: 'denied' });
  });

  test('each role in each region, remembered, and back', async () => {
    await sync('--regions', 'eu-west-1,us-east-1');
    expect(profiles()).toEqual([
      'payments-dev-Developer-eu-west-1',
      'payments-dev-Developer-us-east-1',
      'payments-prod-Admin-eu-west-1',
      'payments-prod-Admin-us-east-1',
    ]);
    const first = text();
    await sync();
    expect(text()).toBe(first);
    await sync('--no-regions', '--prune');
    expect(profiles()).toEqual(['payments-dev-Developer', 'payments-prod-Admin']);
    await expect(sync('--regions', 'here')).rejects.toMatchObject({ exit: 'usage' });
  });

  test('the broker can be in the name', async () => {
    await sync('--template', '{broker}.{role}');
    expect(profiles()).toEqual(['127.0.0.1.Admin', '127.0.0.1.Developer']);
  });
});

test('the remembered CA goes into the profiles', async () => {
  rememberBroker(machine.context, broker.url, { caBundle: '/etc/company/ca.pem' });
  await sync();
  expect(text()).toMatch(/--role \S+ --ca-bundle \/etc\/company\/ca\.pem$/m);
});

test('profiles twice for one role are told apart from those whose role is gone', async () => {
  await sync();
  edit(
    `# END rolegate ${broker.url}\n`,
    `${text()
      .match(/\[profile payments-dev[^[]*/)![0]
      .replace('payments-dev', 'former')}# END rolegate ${broker.url}\n`,
  );
  machine.takeStderr();
  await sync();
  expect(machine.takeStderr()).toContain('kept former-Developer: these settings make no profile of this name');
});
