// Of the commands only the asked one is made: help and mistakes must look as if all were there.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../src/cli/main.ts';
import { createMachine, type Machine } from './support/machine.ts';

let machine: Machine;
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => machine.remove());

async function run(...words: string[]) {
  const { code } = await runCommand(machine.context, words);
  return { code, stdout: machine.takeStdout(), stderr: machine.takeStderr() };
}

test('every command has the help that `rolegate help` prints', async () => {
  const page = await run('--help');
  const names = [...page.stdout.matchAll(/^ {2}([a-z][a-z-]+) (?:\[|<| )/gm)].map(([, name]) => name!);
  const commands = names.filter((name) => !/^(help|rolegate)$/.test(name));
  expect(commands.length).toBeGreaterThan(20);
  for (const name of commands) expect(await run(name, '--help'), name).toEqual(await run('help', name));
});

describe('all commands are known', () => {
  test('to a word that is close to one', async () => {
    expect(await run('statsu')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean status?') });
  });

  test('behind an option of all commands', async () => {
    const { code, stdout } = await run('--ca-bundle', 'ca.pem', 'version', '--json');
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ node: process.versions.node })]);
  });

  test('to completion, and the options of one', async () => {
    const words = async (...line: string[]) => (await run('complete', '--', ...line)).stdout.trim().split('\n');
    expect(await words('st')).toEqual(['status']);
    expect(await words('status')).toEqual(['status']);
    expect(await words('')).toEqual(expect.arrayContaining(['exec', 'presign', 'version']));
    expect(await words('presign', '--met')).toEqual(['--method']);
    expect(await words('--ca-bundle', 'ca.pem', 'presign', '--met')).toEqual(['--method']);
    expect((await run('complete', '--new-word', '--', 'completion')).stdout).toMatch(/^bash\nzsh\nfish\n/);
  });
});
