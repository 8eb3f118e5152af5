import { expect, test } from 'vitest';
import type { AuditEvent, RequestFacts } from '../../src/audit/events.ts';
import { summarizeRefusals } from '../../src/audit/refusal-summary.ts';
import { createLogger } from '../../src/log.ts';
import { createLineCollector } from '../app/support/lines.ts';
import { createTestClock } from '../support/clock.ts';

const from = (sourceIp: string): RequestFacts => ({ requestId: 'r', sourceIp, userAgent: 'test' });
const refused = (reason: 'replay' | 'signature') =>
  ({ event: 'sign_in_refused', idp: 'adfs', code: 'saml_refused', reason, detail: 'why' }) satisfies AuditEvent;

function summarize(perMinute = 1) {
  const clock = createTestClock();
  const written: (AuditEvent & Partial<RequestFacts>)[] = [];
  const audit = {
    record: async (event: AuditEvent, request: RequestFacts | undefined) => void written.push({ ...request, ...event }),
  };
  const log = createLogger('error', createLineCollector().stream);
  return { clock, written, summary: summarizeRefusals(audit, { perMinute: () => perMinute, clock, log }) };
}

test('the first of a kind from an address is written, the rest of the minute is counted', async () => {
  const { clock, written, summary } = summarize();
  for (let count = 0; count < 100; count++) await summary.record(refused('replay'), from('192.0.2.1'));
  await summary.record(refused('signature'), from('192.0.2.1'));
  await summary.record(refused('replay'), from('192.0.2.2'));
  expect(written).toHaveLength(3);
  clock.advance(60_000);
  await summary.record(refused('replay'), from('192.0.2.1'));
  await expect.poll(() => written.length).toBe(5);
  expect(written.find(({ event }) => event === 'refusals_counted')).toEqual({
    event: 'refusals_counted',
    refused: 'sign_in_refused',
    code: 'saml_refused',
    reason: 'replay',
    sourceIp: '192.0.2.1',
    counted: 99,
    since: '2026-03-02T09:00:00.000Z',
  });
});

test('many addresses are counted together, and an IPv6 network is one', async () => {
  const { written, summary } = summarize();
  for (let count = 0; count < 5000; count++) {
    await summary.record(refused('replay'), from(`2001:db8::${count.toString(16)}`));
    await summary.record(refused('replay'), from(`10.0.${count >> 8}.${count & 255}`));
  }
  expect(written.length).toBe(200);
  await summary.flush();
  const counts = written.flatMap((event) =>
    event.event === 'refusals_counted' ? [[event.sourceIp, event.counted]] : [],
  );
  expect(counts).toEqual([
    ['2001:db8::0', 4999],
    [undefined, 5000 - 199],
  ]);
});

test('what a person who is signed in does is never counted instead of written', async () => {
  const { written, summary } = summarize();
  const signOut = { event: 'sign_out', idp: 'adfs', user: 'alice' } satisfies AuditEvent;
  for (let count = 0; count < 50; count++) await summary.record(signOut, from('192.0.2.1'));
  expect(written).toHaveLength(50);
});

test('asking for a sign-in on the command line is written ten times', async () => {
  const { written, summary } = summarize();
  const device = { deviceHost: 'h', deviceOs: 'o', deviceUser: 'u' };
  const asked = { event: 'command_line_asked', isRemote: false, ...device } satisfies AuditEvent;
  for (let count = 0; count < 50; count++) await summary.record(asked, from('192.0.2.1'));
  await summary.flush();
  expect(written.map(({ event }) => event)).toEqual([...Array(10).fill('command_line_asked'), 'refusals_counted']);
});

test('a refusal whose record cannot be written fails, as it did', async () => {
  const clock = createTestClock();
  const log = createLogger('error', createLineCollector().stream);
  const audit = { record: () => Promise.reject(new Error('full')) };
  const summary = summarizeRefusals(audit, { perMinute: () => 1, clock, log });
  await expect(summary.record(refused('replay'), from('192.0.2.1'))).rejects.toThrow('full');
  await summary.record(refused('replay'), from('192.0.2.1'));
  await summary.flush();
});
