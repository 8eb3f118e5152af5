// Tab in bash, zsh and fish, with the built command: addresses with colons, values of options, other programs behind `--`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { completionScripts } from '../../../src/cli/completion/completion-scripts.ts';
import { assumeScripts } from '../../../src/cli/completion/shell-functions.ts';
import { writeSettings } from '../../../src/cli/machine/settings.ts';
import { storeRoleNames } from '../../../src/cli/roles/roles.ts';
import { findOnPath } from '../../support/parts/find-part.mjs';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { roleEntry } from '../support/roles-broker.ts';

const broker = 'https://aws.corp.example';
let bundle: Bundle;
let machine: Machine;

beforeAll(async () => {
  bundle = await buildBundle();
  machine = createMachine();
  const { context, home } = machine;
  writeSettings(context, { defaultBroker: broker, brokers: { [broker]: { name: 'AWS' } } });
  storeRoleNames(context, broker, [roleEntry('payments-dev/Developer'), roleEntry('payments-prod/Admin')]);
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin/rolegate'), `#!/bin/sh\nexec ${inject('node')} ${bundle.file} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(home, 'report.json'), '{}');
});
afterAll(() => {
  bundle?.remove();
  machine?.remove();
});

function run(shell: string, script: string, ...flags: string[]): string[] {
  const env = { PATH: `${machine.home}/bin:${process.env['PATH']}`, HOME: machine.home };
  const { stdout } = spawnSync(shell, [...flags, '-c', script], { env, cwd: machine.home, encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

const scripts = (shell: 'bash' | 'zsh' | 'fish') => `${completionScripts[shell]}\n${assumeScripts[shell]}`;

/** As readline splits a line at COMP_WORDBREAKS. */
function inBash(words: string[], command = '_rolegate'): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `${scripts('bash')}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; ${command}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', script, '--norc');
}

function inZsh(words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const stubs = `compdef() { :; }; _files() { print files; }; _normal() { print -- normal $CURRENT $words; }
compadd() { shift; print -l -- "$@"; }`;
  return run('zsh', `${stubs}\n${scripts('zsh')}\nwords=(${quoted}); CURRENT=${words.length}; _rolegate`, '-f');
}

const inFish = (line: string) =>
  run('fish', `${scripts('fish')}\ncomplete -C '${line}'`, '--no-config').map((each) => each.split('\t')[0]!);

test('bash continues an address behind its colon, and a value behind =', () => {
  expect(inBash(['rolegate', 'login', '--broker', 'https', ':', '//a'])).toEqual(['//aws.corp.example']);
  expect(inBash(['rolegate', 'login', '--broker', ''])).toEqual([broker]);
  expect(inBash(['rolegate', 'exec', '--role', '=', 'payments-d'])).toEqual(['payments-dev/Developer']);
  expect(inBash(['assume', 'payments-p'], '_rolegate_assume')).toEqual(['payments-prod/Admin']);
});

test('bash completes the program behind --', () => {
  expect(inBash(['rolegate', 'exec', 'payments-dev/Developer', '--', 'rolegat'])).toContain('rolegate');
});

test.each(['zsh'].filter((name) => findOnPath(name)))('%s completes roles, files, and the program behind --', () => {
  expect(inZsh(['rolegate', 'exec', '--role', 'pay'])).toEqual(['payments-dev/Developer', 'payments-prod/Admin']);
  expect(inZsh(['rolegate', 'curl', '-T', 're'])).toEqual(['files']);
  expect(inZsh(['rolegate', 'exec', 'x', '--', 'l'])).toEqual(['normal 1 l']);
});

test.each(['fish'].filter((name) => findOnPath(name)))('%s completes roles, files, and the program behind --', () => {
  expect(inFish('rolegate exec --role pay')).toEqual(['payments-dev/Developer', 'payments-prod/Admin']);
  expect(inFish('rolegate curl -T re')).toEqual(['report.json']);
  expect(inFish('rolegate exec --role x -- rolegat')).toContain('rolegate');
  expect(inFish('assume payments-p')).toEqual(['payments-prod/Admin']);
  const [described] = run('fish', `${scripts('fish')}\ncomplete -C 'rolegate logo'`, '--no-config');
  expect(described).toMatch(/^logout\tend your sign-in/);
});
