import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFiles } from '../../../src/config/live/watch.ts';

let folder: string;
let stop: (() => void) | undefined;
let calls: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-watch-'));
  calls = 0;
});
afterEach(() => {
  stop?.();
  rmSync(folder, { recursive: true, force: true });
});

const count = async (): Promise<void> => {
  calls++;
};
const start = (files: string[], { folders = [] as string[], pollMs = 3_600_000, onChange = count } = {}) => {
  const list = () => ({ files: files.map((name) => join(folder, name)), folders });
  stop = watchFiles({ list, onChange, pollMs });
};
const seen = () => expect.poll(() => calls);

test('a file that is written, and one that takes its place', async () => {
  writeFileSync(join(folder, 'a'), '1');
  start(['a']);
  writeFileSync(join(folder, 'a'), '2');
  await seen().toBe(1);
  writeFileSync(join(folder, 'b'), '3');
  renameSync(join(folder, 'b'), join(folder, 'a'));
  await seen().toBe(2);
});

test('the link `..data` of a Kubernetes volume that leads elsewhere', async () => {
  for (const [version, text] of ['1', '2'].entries()) {
    mkdirSync(join(folder, `..${version}`));
    writeFileSync(join(folder, `..${version}`, 'a'), text);
  }
  symlinkSync('..0', join(folder, '..data'));
  symlinkSync('..data/a', join(folder, 'a'));
  start(['a']);
  symlinkSync('..1', join(folder, '..tmp'));
  renameSync(join(folder, '..tmp'), join(folder, '..data'));
  await seen().toBe(1);
});

test('a new file in a folder that is watched; a file with the same content is no change', async () => {
  writeFileSync(join(folder, 'a'), '1');
  start(['a'], { folders: [folder] });
  writeFileSync(join(folder, 'a'), '1');
  writeFileSync(join(folder, 'b'), '1');
  await seen().toBe(1);
});

test('what changes while the change before is taken up', async () => {
  writeFileSync(join(folder, 'a'), '1');
  const onChange = async () => {
    if (++calls === 1) writeFileSync(join(folder, 'a'), '3');
  };
  start(['a'], { onChange });
  writeFileSync(join(folder, 'a'), '2');
  await seen().toBe(2);
});

test('without events: by a look from time to time', async () => {
  // Its folder is not there yet, so nothing can be watched.
  start(['later/a'], { pollMs: 20 });
  mkdirSync(join(folder, 'later'));
  writeFileSync(join(folder, 'later', 'a'), '1');
  await seen().toBeGreaterThanOrEqual(1);
});
