// A disk that hangs while an attacker causes records: no request waits for earlier records, and a late write forks no chain.
import { afterEach, expect, test, vi } from 'vitest';
import { createJsonLinesAudit } from '../../../src/audit/chain/json-lines.ts';
import type { AuditSink } from '../../../src/audit/sinks/sinks.ts';
import { findProblems } from '../../audit/support/find-problems.ts';
import { createTestClock } from '../../support/clock.ts';

afterEach(() => void vi.useRealTimers());

const signOut = (user: string) => ({ event: 'sign_out', idp: 'adfs', user }) as const;

/** Takes the lines and answers when the disk is back. */
function hangingDisk() {
  const disk = { text: '', recover: () => {} };
  const back = new Promise<void>((resolve) => {
    disk.recover = resolve;
  });
  const sink: AuditSink = async (lines) => {
    await back;
    disk.text += lines;
  };
  return { disk, audit: createJsonLinesAudit(sink, createTestClock(), 'one') };
}

test('four records wait for one deadline, not for one after the other', async () => {
  vi.useFakeTimers();
  const { audit } = hangingDisk();
  const outcomes: string[] = [];
  for (const user of ['a', 'b', 'c', 'd']) {
    audit.record(signOut(user), undefined).catch(({ code }) => outcomes.push(code));
  }
  await vi.advanceTimersByTimeAsync(3001);
  expect(outcomes).toEqual(Array(4).fill('audit_unavailable'));
  // And while that write is overdue, further ones do not wait at all.
  await expect(audit.record(signOut('e'), undefined)).rejects.toMatchObject({ code: 'audit_unavailable' });
});

test('of a flood of records so many wait, and the others are refused at once', async () => {
  const { audit, disk } = hangingDisk();
  let refused = 0;
  const records = Array.from({ length: 3000 }, () => audit.record(signOut('a'), undefined).catch(() => void refused++));
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(refused).toBeGreaterThan(1900);
  disk.recover();
  await Promise.all(records);
  expect(refused).toBeLessThan(2000);
  expect(await findProblems(disk.text)).toEqual([]);
});

test('a write that comes late leaves no two records with one number', async () => {
  vi.useFakeTimers();
  const { audit, disk } = hangingDisk();
  const late = audit.record(signOut('late'), undefined).catch(({ code }) => code);
  await vi.advanceTimersByTimeAsync(3001);
  expect(await late).toBe('audit_unavailable');
  disk.recover();
  await vi.advanceTimersByTimeAsync(1);
  await audit.record(signOut('next'), undefined);
  expect(disk.text.trimEnd().split('\n')).toHaveLength(2);
  expect(await findProblems(disk.text)).toEqual([]);
});
