import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createJsonLinesAudit } from '../../src/audit/chain/json-lines.ts';
import type { AuditEvent } from '../../src/audit/events.ts';
import { fileSink, streamSink } from '../../src/audit/sinks/sinks.ts';
import { createTestClock } from '../support/clock.ts';
import { findProblems } from './support/find-problems.ts';

const request = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: 'test' };
const signOut = { event: 'sign_out', idp: 'adfs', user: 'alice@corp.example' } satisfies AuditEvent;

const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-audit-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A stream that keeps its input, and fails from the given write on. */
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

  test('a value cannot begin a new line', async () => {
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
    expect(await findProblems(text())).toEqual([]);
  });
});

describe('the hash chain', () => {
  test('holds for what was written', async () => {
    expect(await findProblems((await fiveLines()).join('\n'))).toEqual([]);
  });

  const rows: [name: string, change: (lines: string[]) => string[], problems: string[]][] = [
    [
      'a changed record',
      (lines) => lines.map((line) => line.replace('"bob"', '"eve"')),
      ['line 3: record 2 was changed, or record 3 does not belong here'],
    ],
    [
      'a removed record',
      (lines) => lines.filter((_, index) => index !== 2),
      ['line 3: records 3 to 3 are missing before record 4'],
    ],
    ['a removed first record', (lines) => lines.slice(1), ['line 1: records 1 to 1 are missing before record 2']],
    [
      'two records that changed places',
      (lines) => [...lines.slice(0, 1), lines[2]!, lines[1]!, ...lines.slice(3)],
      ['line 2: records 2 to 2 are missing before record 3', 'line 3: record 2 is out of order'],
    ],
    ['a repeated record', (lines) => [...lines.slice(0, 2), ...lines.slice(1)], ['line 3: record 2 is repeated']],
    [
      'a record that is cut off, and what follows it',
      (lines) => [...lines.slice(0, 2), lines[2]!.slice(0, 60), ...lines.slice(3)],
      ['line 3: the record is cut off or not valid JSON', 'line 4: records 3 to 3 are missing before record 4'],
    ],
  ];
  test.each(rows)('shows %s', async (_, change, problems) => {
    expect(await findProblems(change(await fiveLines()).join('\n'))).toEqual(problems);
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
    expect(await findProblems(readFileSync(path, 'utf8'))).toEqual([]);
  });

  test('gives every record three seconds from its call, and rejects at once while a write is overdue', async () => {
    const waiting: (() => void)[] = [];
    let text = '';
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        waiting.push(done);
      },
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    const outcomes: string[] = [];
    for (let each = 0; each < 4; each++) {
      audit.record(signOut, request).catch(({ message }) => outcomes.push(message));
    }
    await vi.advanceTimersByTimeAsync(2999);
    expect(outcomes).toEqual([]);
    // All at once, and not one after the other.
    await vi.advanceTimersByTimeAsync(1);
    expect(outcomes).toEqual(Array(4).fill('audit: not written within 3000 ms'));

    await expect(audit.record(signOut, request)).rejects.toThrow('an earlier record is still not written');

    // The late write arrives after all: its record counts, and the chain continues behind it.
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    const later = audit.record({ ...signOut, user: 'bob' }, request);
    await new Promise((resolve) => setImmediate(resolve));
    waiting.shift()?.();
    await later;
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    expect(await findProblems(text)).toEqual([]);
  });

  test('rejects at once what no longer fits into the queue', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stream = new Writable({ write: () => {} });
    const audit = createJsonLinesAudit(streamSink(stream), createTestClock(), 'start');
    const first = Promise.allSettled(Array.from({ length: 1001 }, () => audit.record(signOut, request)));
    await expect(audit.record(signOut, request)).rejects.toThrow('1000 records are waiting');
    await vi.advanceTimersByTimeAsync(3000);
    expect((await first).every(({ status }) => status === 'rejected')).toBe(true);
  });

  test('starts a new line after a crash in the middle of one', async () => {
    const path = join(temporaryDirectory(), 'audit.jsonl');
    await createJsonLinesAudit(fileSink(path), createTestClock(), 'first').record(signOut, request);
    appendFileSync(path, '{"audit":2,"time":"2026-03');
    await createJsonLinesAudit(fileSink(path), createTestClock(), 'second').record(signOut, request);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2]!)).toMatchObject({ audit: 1, chain: 'second' });
    expect(await findProblems(lines.join('\n'))).toEqual(['line 2: the record is cut off or not valid JSON']);
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
