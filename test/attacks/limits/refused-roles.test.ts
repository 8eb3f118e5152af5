// A signed-in person without roles who requests them again and again: no limit of credentials applies to a role that is not
// granted, and each refusal is a record.
import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { summarizeRefusals } from '../../../src/audit/refusal-summary.ts';
import { createLogger } from '../../../src/log.ts';
import { createLineCollector } from '../../app/support/lines.ts';
import { createTestClock } from '../../support/clock.ts';

test('fills no audit trail, and hides no refusal of another person', async () => {
  const written: AuditEvent[] = [];
  const audit = { record: async (event: AuditEvent) => void written.push(event) };
  const log = createLogger('error', createLineCollector().stream);
  const summary = summarizeRefusals(audit, { perMinute: () => 1, clock: createTestClock(), log });
  const facts = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: '' };
  const refuse = (user: string, name: string) => {
    const roleArn = `arn:aws:iam::111122223333:role/${name}`;
    return summary.record({ event: 'role_refused', idp: 'adfs', user, roleArn, code: 'role_not_granted' }, facts);
  };
  for (let count = 0; count < 5000; count++) await refuse('mallory', `Role${count}`);
  await refuse('alice', 'Admin');
  await summary.flush();
  expect(written.length).toBeLessThan(70);
  expect(written.at(-2)).toMatchObject({ event: 'role_refused', user: 'alice' });
  const counted = written.at(-1);
  expect(counted).toMatchObject({ event: 'refusals_counted', refused: 'role_refused', reason: 'mallory' });
  expect(written.length - 2 + (counted as { counted: number }).counted).toBe(5000);
});
