// On a terminal, the built command says what takes so long: a list of many roles, and the download of an update.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { releasePaths } from '../../src/wire/release.ts';
import { signInAt } from './support/broker.ts';
import { createMachine, type Machine } from './support/machine.ts';
import { openPseudoTerminal } from './support/pseudo-terminal.ts';
import { createKey, type ReleaseKey, signRelease, startReleaseBroker } from './support/releases.ts';
import { roleEntry, startRolesBroker } from './support/roles-broker.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let key: ReleaseKey;
let machine: Machine;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-progress-'));
  [key, machine] = [createKey(), createMachine()];
  const { buildCli } = (await import(new URL('../../deploy/build-cli.mjs', import.meta.url).href)) as {
    buildCli: (root: string, folder: string, releaseKeys: string) => Promise<void>;
  };
  await buildCli(root, folder, join(key.folder, 'release.pub'));
});
afterAll(() => {
  machine?.remove();
  for (const each of [folder, key?.folder]) rmSync(each, { recursive: true, force: true });
});

function open(words: string, file = join(folder, 'rolegate.cjs')) {
  const env = { HOME: machine.home, PATH: process.env['PATH']! };
  return openPseudoTerminal(`'${inject('node')}' '${file}' ${words}`, env);
}

/** Lines, as they were before others took their place. */
const linesOf = (seen: string) => stripVTControlCharacters(seen).split(/[\r\n]+/);

test('profiles sync names the broker that it waits for, and then what it wrote', async () => {
  const roles = Array.from({ length: 2000 }, (_, index) =>
    roleEntry(`team-${index}/Developer`, { accountId: `${100_000_000_000 + index}` }),
  );
  const broker = await startRolesBroker(roles);
  broker.delayMs = 1_200;
  signInAt(machine.context, broker.url);
  const { host } = new URL(broker.url);
  const sync = open(`profiles sync --yes --broker ${broker.url}`);
  await sync.says(new RegExp(`Waiting for ${host}…`));
  expect(await sync.ended, sync.seen()).toBe(0);
  await broker.close();
  const lines = linesOf(sync.seen()).filter(Boolean);
  expect(lines.at(-1)).toMatch(/config has 2000 profiles of this broker: 2000 added$/);
  expect(lines.slice(0, -1).every((line) => line.startsWith('Waiting for '))).toBe(true);
});

test('update shows how much has arrived, and clears the line', async () => {
  const file = join(machine.home, 'rolegate.cjs');
  copyFileSync(join(folder, 'rolegate.cjs'), file);
  const content = Buffer.from(`console.log('99.0.0'); //${'x'.repeat(4_000_000)}`);
  const broker = await startReleaseBroker();
  broker.offer = signRelease(key, '99.0.0', [{ platform: 'any', format: 'script', content }]);
  let rest: (() => void) | undefined;
  broker.offer.set(releasePaths.file('rolegate-99.0.0-any.script'), (response: ServerResponse) => {
    response.setHeader('Content-Length', content.length);
    response.write(content.subarray(0, 1_000_000));
    rest = () => void response.end(content.subarray(1_000_000));
  });
  const update = open(`update --broker ${broker.url}`, file);
  await update.says(/Downloading rolegate-99\.0\.0-any\.script: \d\.\d of 4\.0 MB \(\d+ %\)/);
  rest!();
  expect(await update.ended, update.seen()).toBe(0);
  broker.close();
  const lines = linesOf(update.seen()).filter(Boolean);
  expect(lines.at(-1)).toMatch(/^Updated rolegate \S+ to 99\.0\.0: /);
  expect(lines.slice(0, -1).every((line) => /^(Waiting for|Downloading) /.test(line))).toBe(true);
  expect(readFileSync(file).equals(content)).toBe(true);
});
