// How the running file is replaced: on Windows by moving it aside.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../../src/cli/update/replace-file.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let folder: string;
let machine: Machine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-replace-'));
  machine = createMachine({ platform: 'win32' });
  writeFileSync(join(folder, 'rolegate.exe'), 'old');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  machine.remove();
});

const replacement = () => ({ file: join(folder, 'rolegate.exe'), content: Buffer.from('new'), broker: 'https://b' });

test('on Windows the running file is moved aside, and the next update removes it', async () => {
  writeFileSync(join(folder, 'rolegate.exe.1.old'), 'of an update before');
  writeFileSync(join(folder, 'rolegate.exe.old'), "the person's own");
  await replaceFile(machine.context, replacement(), async (file) => {
    expect(file).toMatch(/\.exe$/);
    expect(readFileSync(file, 'utf8')).toBe('new');
  });
  expect(readFileSync(join(folder, 'rolegate.exe'), 'utf8')).toBe('new');
  const aside = `rolegate.exe.${process.pid}.old`;
  expect(readdirSync(folder).sort()).toEqual(['rolegate.exe', aside, 'rolegate.exe.old'].sort());
  expect(readFileSync(join(folder, aside), 'utf8')).toBe('old');
});

test('what the trial throws leaves the folder as it was', async () => {
  const trial = async () => {
    throw new Error('does not start');
  };
  await expect(replaceFile(machine.context, replacement(), trial)).rejects.toThrow('does not start');
  expect(readdirSync(folder)).toEqual(['rolegate.exe']);
  expect(readFileSync(join(folder, 'rolegate.exe'), 'utf8')).toBe('old');
});

test('if the new file cannot take its place on Windows, the old one comes back', async () => {
  const trial = async (file: string) => rmSync(file);
  await expect(replaceFile(machine.context, replacement(), trial)).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual(['rolegate.exe']);
  expect(readFileSync(join(folder, 'rolegate.exe'), 'utf8')).toBe('old');
});
