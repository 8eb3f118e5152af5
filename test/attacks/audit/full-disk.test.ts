// An audit file that ends inside a line: after a crash, or on a full disk, which a limit on the file size simulates.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createJsonLinesAudit } from '../../../src/audit/chain/json-lines.ts';
import { fileSink } from '../../../src/audit/sinks/sinks.ts';
import { findProblems } from '../../audit/support/find-problems.ts';
import { createTestClock } from '../../support/clock.ts';

const sourceUrl = (path: string) => new URL(`../../../src/${path}`, import.meta.url).href;

test('removes the part of a line that a full disk took', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-audit-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'audit.jsonl');
  // The limit counts 1,024-byte blocks: the write that crosses it is cut, as on a full disk.
  const program = `
    import { createJsonLinesAudit } from '${sourceUrl('audit/chain/json-lines.ts')}';
    import { fileSink } from '${sourceUrl('audit/sinks/sinks.ts')}';
    process.on('SIGXFSZ', () => {});
    const audit = createJsonLinesAudit(fileSink(process.argv[1]), { now: () => new Date(0) }, 'limited');
    let written = 0;
    try {
      for (; written < 100; written++) await audit.record({ event: 'sign_out', idp: 'adfs', user: 'alice' }, undefined);
    } catch (error) {
      console.log(written, error.code);
    }`;
  const run = spawnSync(
    'bash',
    [
      '-c',
      'ulimit -f 4; exec "$0" "$@"',
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      program,
      path,
    ],
    { encoding: 'utf8', cwd: fileURLToPath(new URL('../../..', import.meta.url)) },
  );
  const [written, code] = run.stdout.trim().split(' ');
  expect(code, run.stderr).toBe('audit_unavailable');
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  expect(text.trimEnd().split('\n')).toHaveLength(Number(written));
  expect(await findProblems(text)).toEqual([]);
});

test('a line that a crash cut off takes no other record with it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-audit-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'audit.jsonl');
  writeFileSync(path, '{"audit":1,"time":"2026-03-02T09:00:00.000Z","event":"sign');
  const audit = createJsonLinesAudit(fileSink(path), createTestClock(), 'after');
  await audit.record({ event: 'sign_out', idp: 'adfs', user: 'mallory' }, undefined);
  const text = readFileSync(path, 'utf8');
  const parsed = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
  expect(parsed).toEqual([expect.objectContaining({ user: 'mallory' })]);
  expect(await findProblems(text)).toEqual(['line 1: the record is cut off or not valid JSON']);
});
