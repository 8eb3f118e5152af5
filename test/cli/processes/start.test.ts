import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitWords } from '../../../src/cli/processes/command-words.ts';
import { findPrograms } from '../../../src/cli/processes/find-program.ts';
import { startOf } from '../../../src/cli/processes/start.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-programs-'));
  for (const name of ['a/aws.cmd', 'a/node.exe', 'a/notes.txt', 'b/aws.exe', 'b/aws.cmd', 'b/tool.js', 'c d/x%y.bat']) {
    const file = join(folder, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    chmodSync(file, 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (...names: string[]) => names.map((name) => join(folder, name));
/** Of Windows, with the paths of this system. */
const windows = (more: Readonly<Record<string, string>> = {}) => ({
  platform: 'win32' as const,
  env: { Path: inFolder('a', 'b', 'c d').join(delimiter), PATHEXT: '.COM;.EXE;.BAT;.CMD;.JS', ...more },
});

describe('a program on Windows', () => {
  test.each([
    ['aws', 'a/aws.cmd'],
    ['aws.exe', 'b/aws.exe'],
    ['node', 'a/node.exe'],
    ['tool', undefined],
    ['notes', undefined],
    ['notes.txt', 'a/notes.txt'],
    ['none', undefined],
  ])('%s is %s', (name, found) => {
    expect(findPrograms(windows(), name)[0]).toBe(found && join(folder, found));
  });

  test('has the endings of PATHEXT in its order', () => {
    const path = join(folder, 'b');
    const names = (more: Record<string, string>) =>
      findPrograms({ platform: 'win32', env: { path, ...more } }, 'aws').map((file) => file.slice(-8));
    expect(names({ PATHEXT: '.EXE;.CMD' })).toEqual(['/aws.exe', '/aws.cmd']);
    expect(names({ PathExt: '.CMD;.EXE' })).toEqual(['/aws.cmd', '/aws.exe']);
    expect(names({})).toEqual(['/aws.exe', '/aws.cmd']);
  });
});

test('a program is started by its path on Windows, and by its name elsewhere', () => {
  const args = ['a b', '"'];
  expect(startOf(windows(), 'node', args)).toEqual({ file: join(folder, 'a/node.exe'), args, options: {} });
  expect(startOf(windows(), join(folder, 'a/node'), args)?.file).toBe(join(folder, 'a/node.exe'));
  expect(startOf(windows(), 'none', args)).toBeUndefined();
  expect(startOf({ ...windows(), platform: 'linux' }, 'aws', args)).toEqual({ file: 'aws', args, options: {} });
});

describe('a batch file', () => {
  test('is started by cmd.exe, with quotes around all of it', () => {
    const start = startOf(windows({ ComSpec: 'C:\\Windows\\system32\\cmd.exe' }), 'aws', ['s3', 'ls']);
    expect(start).toEqual({
      file: 'C:\\Windows\\system32\\cmd.exe',
      args: ['/d', '/e:on', '/v:off', '/s', '/c', `""${join(folder, 'a/aws.cmd')}" s3 ls"`],
      options: { windowsVerbatimArguments: true },
    });
    expect(startOf(windows(), 'x%y', [])).toMatchObject({
      file: 'cmd.exe',
      args: expect.arrayContaining([`""${join(folder, 'c d/x%%cd:~,%y.bat')}""`]),
    });
  });

  // As Rust's standard library writes them (CVE-2024-24576).
  test.each([
    ['', '""'],
    ['plain-1.2/x:y\\z', 'plain-1.2/x:y\\z'],
    ['a b', '"a b"'],
    ['a&calc', '"a&calc"'],
    ['"&calc&"', '"""&calc&"""'],
    ['%PATH%', '"%%cd:~,%PATH%%cd:~,%"'],
    ['^', '"^"'],
    ['!x!', '"!x!"'],
    ['ends\\', '"ends\\\\"'],
    ['a\\"b', '"a\\\\""b"'],
    ['a\\ b', '"a\\ b"'],
    ['key=value,other;(x)', '"key=value,other;(x)"'],
    ['größe', '"größe"'],
  ])('is given %s as %s', (text, written) => {
    expect(startOf(windows(), 'aws', [text])?.args.at(-1)).toBe(`""${join(folder, 'a/aws.cmd')}" ${written}"`);
  });

  test.each(['a\nb', 'a\r', '\0'])('cannot be given %j', (text) => {
    expect(() => startOf(windows(), 'aws', [text])).toThrow(/line end/);
  });
});

test('words of a command line', () => {
  expect(splitWords(' "C:\\Program Files\\node.exe"  "/a b" c\td ')).toEqual([
    'C:\\Program Files\\node.exe',
    '/a b',
    'c',
    'd',
  ]);
});
