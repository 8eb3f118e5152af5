// What AWS has issued is answered at once, whatever becomes of the record of the role that was used.
import { expect, test } from 'vitest';
import { resolveRoles } from '../../../src/access/resolve.ts';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createCredentials } from '../../../src/broker/credentials/credentials.ts';
import type { PrepareSession } from '../../../src/broker/credentials/modes/mode.ts';
import { createPreferences, type Preferences } from '../../../src/broker/preferences.ts';
import { createLogger } from '../../../src/log.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { group, now, person, policy, rule } from '../../access/support.ts';
import { createLineCollector } from '../../app/support/lines.ts';
import { testStorage } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const session = {
  ...{ identity: person(), nameId: undefined, sessionIndex: undefined, assertionId: '_a', steppedUpFor: undefined },
  expiresAt: now.getTime() + 36_000_000,
};

function bench(rememberUse: Preferences['rememberUse']) {
  const events: AuditEvent['event'][] = [];
  const clock = createTestClock(now);
  const records = createSharedRecords('preferences', testStorage(createMemoryStore(clock), clock));
  const log = createLogger('info', createLineCollector().stream);
  const preferences = createPreferences({ records, clock, log });
  const expiration = new Date(now.getTime() + 3_600_000);
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't', expiration };
  const mode: PrepareSession = () => ({
    facts: {},
    takesConsoleDuration: false,
    redeem: async () => ({ credentials, assumedRoleArn: roleArn }),
  });
  const roles = resolveRoles(session.identity, policy(rule(group('CORP\\AWS-Payments-Dev'))), now);
  const requested = { session, roleArn, role: roles[0], roles, isElsewhere: false };
  const credentialsOf = createCredentials({
    modes: {
      mint: mode,
      forward: mode,
      'browser-post': mode,
      'assume-role': mode,
      'web-identity': mode,
      'federation-token': mode,
    },
    roleMaxima: { refusedSeconds: async () => undefined, remember: async () => {} },
    primaryIdp: 'adfs',
    preferences: { ...preferences, rememberUse },
    audit: {
      record: async ({ event }) => {
        events.push(event);
      },
    },
    clock,
  });
  const request = { requestId: 'r', sourceIp: '192.0.2.1', userAgent: '' };
  const options = { durationSeconds: undefined, purpose: 'credentials' } as const;
  return { events, issue: () => credentialsOf.issue(requested, options, request) };
}

test('a store that never answers holds up no credentials', async () => {
  const asked: string[] = [];
  const { events, issue } = bench((_, used) => {
    asked.push(used);
    return new Promise(() => {});
  });
  expect((await issue()).credentials.accessKeyId).toBe('ASIA');
  expect(asked).toEqual([roleArn]);
  expect(events).toEqual(['credentials_requested', 'credentials_issued']);
});
