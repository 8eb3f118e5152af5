// The file with the last good list of accounts: written whole, beside whatever else is there.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLastGood, writeLastGood } from '../../../src/config/accounts/last-good.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-accounts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const list = { listedAt: new Date('2026-11-30T00:00:00Z'), members: [{ id: '111122223333', name: 'Payments' }] };

test('a list is read as it was written, and no other file can be in its way', () => {
  const file = join(folder, 'accounts.json');
  // What another process of the same number would have begun.
  mkdirSync(`${file}.${process.pid}`);
  writeLastGood(file, list);
  writeLastGood(file, list);
  expect([readLastGood(file), statSync(file).mode & 0o777]).toEqual([list, 0o600]);
  expect(readdirSync(folder).sort()).toEqual(['accounts.json', `accounts.json.${process.pid}`]);
});

test('a list that cannot be put in place leaves nothing beside it', () => {
  const file = join(folder, 'accounts.json');
  mkdirSync(file);
  expect(() => writeLastGood(file, list)).toThrow();
  expect(readdirSync(folder)).toEqual(['accounts.json']);
});
