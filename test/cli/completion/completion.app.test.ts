// Completion: what Tab offers, from files alone, and never a name that a shell would run.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completionScripts } from '../../../src/cli/completion/completion-scripts.ts';
import { writeSettings } from '../../../src/cli/machine/settings.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { storeRoleNames } from '../../../src/cli/roles/roles.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { roleEntry } from '../support/roles-broker.ts';

const [broker, other] = ['https://aws.corp.example', 'https://other.corp.example'];
let machine: Machine;

beforeEach(() => {
  machine = createMachine();
  const { context } = machine;
  writeSettings(context, { defaultBroker: broker, brokers: { [broker]: { name: 'AWS' }, [other]: { name: 'Other' } } });
  storeRoleNames(context, broker, [
    roleEntry('payments-dev/Developer'),
    roleEntry('payments-prod/Admin'),
    roleEntry('evil$(id)/Developer'),
    roleEntry('evil;id/Developer'),
    roleEntry('e vil/Developer'),
  ]);
  storeRoleNames(context, other, [roleEntry('sandbox/Builder')]);
  mkdirSync(join(machine.home, '.aws'));
  writeFileSync(join(machine.home, '.aws/config'), '[profile carol]\nregion = eu-west-1\n');
});
afterEach(() => machine.remove());

async function complete(...words: string[]): Promise<string[]> {
  await runProgram(machine.context, ['complete', ...words]);
  expect(machine.takeStderr()).toBe('');
  return machine.takeStdout().split('\n').slice(0, -1);
}

test.each<[string[], string[]]>([
  [['log'], ['login', 'logout']],
  [
    ['profiles', ''],
    ['sync', 'add', 'list', 'remove', 'help'],
  ],
  [['profiles', 'sync', '--pr'], ['--prune']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', 'pwsh'],
  ],
  [
    ['console', 'pay'],
    ['payments-dev/Developer', 'payments-prod/Admin'],
  ],
  [
    ['console', ''],
    ['payments-dev/Developer', 'payments-prod/Admin'],
  ],
  [['console', 'evil'], []],
  [['exec', '--role', 'payments-p'], ['payments-prod/Admin']],
  [['login', '--step-up', 'payments-p'], ['payments-prod/Admin']],
  [['pick', '--broker', other, ''], ['sandbox/Builder']],
  [
    ['exec', '--broker', ''],
    [broker, other],
  ],
  [['exec', '--role', 'payments-prod/Admin', '--', 'log'], []],
  [['exec', '--nothing'], []],
  [['export', '--shell', 'f'], ['fish']],
  [['export', '--shell=f'], ['--shell=fish']],
  [['console', '--service', 'cloudw'], ['cloudwatch']],
  [['mfa', '--profile', 'car'], ['carol']],
  [['curl', '-T', ''], ['@files']],
  [['comple'], ['completion']],
])('%j', async (words, expected) => {
  expect(await complete('--', ...words)).toEqual(expected);
});

test('a new word may be asked for by name', async () => {
  expect(await complete('--new-word', '--', 'completion')).toEqual(['bash', 'zsh', 'fish', 'pwsh']);
});

test('without settings there are commands, and no complaint', async () => {
  machine.remove();
  machine = createMachine();
  expect(await complete('--', 'console', '')).toEqual([]);
  expect(await complete('--', 'doc')).toEqual(['doctor']);
});

test.each(Object.entries(completionScripts))('completion %s prints the script', async (shell, script) => {
  await runProgram(machine.context, ['completion', shell]);
  expect(machine.takeStdout()).toBe(`${script}\n`);
});

test('bash takes what the command prints, letter for letter', async () => {
  const rolegate = join(machine.home, 'rolegate');
  writeFileSync(
    rolegate,
    `#!/bin/sh\nprintf '%s\\n' "$@" > ${machine.home}/asked\nprintf '%s\\n' 'a b' '$(touch ${machine.home}/x)' c\n`,
  );
  chmodSync(rolegate, 0o755);
  const script = `${completionScripts.bash}
COMP_WORDS=(rolegate exec --role "" later); COMP_CWORD=3; _rolegate; printf '<%s>' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${machine.home}:${process.env['PATH']}` };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  expect(stdout).toBe(`<a b><$(touch ${machine.home}/x)><c>`);
  expect(readFileSync(join(machine.home, 'asked'), 'utf8')).toBe('complete\n--\nexec\n--role\n\n');
});

test('version is the one of package.json', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  await runProgram(machine.context, ['version']);
  expect(machine.takeStdout()).toMatch(new RegExp(`^rolegate ${version} \\(Node `));
  await runProgram(machine.context, ['version', '--json']);
  expect(JSON.parse(machine.takeStdout())).toMatchObject({ version, node: process.versions.node });
});
