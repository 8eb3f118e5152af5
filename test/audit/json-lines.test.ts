import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/audit/events.ts';
import { createJsonLinesAudit, fileSink, streamSink } from '../../src/audit/json-lines.ts';
import { createTestClock } from '../support/clock.ts';

const request = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: 'test' };
const signOut = { event: 'sign_out', idp: 'adfs', user: 'alice@corp.example' } satisfies AuditEvent;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-audit-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A stream that keeps what is written, and fails from the given write on. */
function memoryStream(failFrom = Number.POSITIVE_INFINITY): { stream: Writable; text: () => string } {
  let text = '';
  let writes = 0;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (++writes >= failFrom) return done(new Error('no space left on device'));
      text += chunk.toString();
      return done();
    },
  });
  return { stream, text: () => text };
}

/** What an auditor does: numbers without a gap, and each line's hash in the next. @returns numbers of lines that do not fit */
function findBreaks(text: string): number[] {
  const lines = text.trimEnd().split('\n');
  return lines.flatMap((line, index) => {
    const { audit, previous, chain } = JSON.parse(line) as { audit: number; previous: string; chain: string };
    const before = lines[index - 1];
    const expected = before === undefined ? chain : createHash('sha256').update(before).digest('base64url');
    return audit === index + 1 && previous === expected ? [] : [index + 1];
  });
}

async function fiveLines(): Promise<string[]> {
  const { stream, text } = memoryStream();
  const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start-of-this-process');
  for (const user of ['alice', 'bob', 'carol', 'dave', 'erin']) await audit.record({ ...signOut, user }, request);
  return text().trimEnd().split('\n');
}

describe('the audit trail', () => {
  test('is a JSON object a line, with the event, its time and where it came from', async () => {
    const { stream, text } = memoryStream();
    await createJsonLinesAudit(streamSink(stream), createTestClock(), 'start').record(signOut, request);
    expect(text().endsWith('\n')).toBe(true);
    expect(JSON.parse(text())).toEqual({
      audit: 1,
      time: '2026-03-02T09:00:00.000Z',
      ...signOut,
      ...request,
      chain: 'start',
      previous: 'start',
    });
  });

  test('a value cannot begin a line of its own', async () => {
    const { stream, text } = memoryStream();
    const user = 'alice\n{"audit":2,"event":"sign_in","user":"mallory"}\r\u2028';
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    await audit.record({ ...signOut, user }, { ...request, userAgent: 'a\nb' });
    expect(text().trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text())).toMatchObject({ user, userAgent: 'a\nb' });
  });

  test('holds no character that rewrites a terminal or turns the text around', async () => {
    const { stream, text } = memoryStream();
    const userAgent = 'curl\u009b2J\u007f\u202emoc.elpmaxe\u2066\u200f';
    await createJsonLinesAudit(streamSink(stream), createTestClock(), 'start').record(signOut, {
      ...request,
      userAgent,
    });
    expect(text()).toMatch(/^[ -~]+\n$/);
    expect(JSON.parse(text()).userAgent).toBe(userAgent);
  });

  test('keeps its chain when many write at once', async () => {
    const { stream, text } = memoryStream();
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => audit.record({ ...signOut, user: `u${index}` }, request)),
    );
    expect(text().trimEnd().split('\n')).toHaveLength(100);
    expect(findBreaks(text())).toEqual([]);
  });
});

describe('the hash chain', () => {
  test('holds for what was written', async () => {
    expect(findBreaks((await fiveLines()).join('\n'))).toEqual([]);
  });

  const rows: [name: string, change: (lines: string[]) => string[], breaks: number[]][] = [
    ['a changed line', (lines) => lines.map((line) => line.replace('"bob"', '"eve"')), [3]],
    ['a removed line', (lines) => lines.filter((_, index) => index !== 2), [3, 4]],
    ['a removed first line', (lines) => lines.slice(1), [1, 2, 3, 4]],
    [
      'two lines that changed places',
      (lines) => [...lines.slice(0, 1), lines[2]!, lines[1]!, ...lines.slice(3)],
      [2, 3, 4],
    ],
    ['a line that stands twice', (lines) => [...lines.slice(0, 2), ...lines.slice(1)], [3, 4, 5, 6]],
  ];
  test.each(rows)('shows %s', async (_, change, breaks) => {
    expect(findBreaks(change(await fiveLines()).join('\n'))).toEqual(breaks);
  });
});

describe('a trail that cannot be written', () => {
  test('is audit_unavailable, and an unhandled error is none', async () => {
    const { stream, text } = memoryStream(2);
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    await audit.record(signOut, request);
    await expect(audit.record(signOut, request)).rejects.toMatchObject({ code: 'audit_unavailable' });
    await expect(audit.record(signOut, request)).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(text().trimEnd().split('\n')).toHaveLength(1);
  });

  test('is audit_unavailable where the file cannot be opened', async () => {
    const sink = fileSink(join(tmpdir(), 'rolegate-no-such-directory', 'audit.jsonl'));
    const audit = createJsonLinesAudit(sink, createTestClock(), 'start');
    await expect(audit.record(signOut, request)).rejects.toMatchObject({ code: 'audit_unavailable' });
  });

  test('goes on with its chain once it can be written again', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl');
    const audit = createJsonLinesAudit(fileSink(path), createTestClock(), 'start');
    await audit.record(signOut, request);
    renameSync(path, `${path}.kept`);
    mkdirSync(path);
    await expect(audit.record(signOut, request)).rejects.toMatchObject({ code: 'audit_unavailable' });
    rmSync(path, { recursive: true });
    renameSync(`${path}.kept`, path);
    await audit.record(signOut, request);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
    expect(findBreaks(readFileSync(path, 'utf8'))).toEqual([]);
  });

  test('is audit_unavailable after three seconds where the stream never answers', async () => {
    const stream = new Writable({ write: () => {} });
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    await expect(audit.record(signOut, request)).rejects.toMatchObject({ code: 'audit_unavailable' });
  });
});

describe('the audit file', () => {
  test('is appended to, and not for everybody to read', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl');
    for (const start of ['first process', 'second process']) {
      await createJsonLinesAudit(fileSink(path), createTestClock(), start).record(signOut, request);
    }
    const chains = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(chains.map((line) => JSON.parse(line).chain)).toEqual(['first process', 'second process']);
    expect(statSync(path).mode & 0o007).toBe(0);
  });
});
