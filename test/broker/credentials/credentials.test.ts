// What AWS has issued is answered at once, whatever becomes of the record of the role that was used.
import { expect, test } from 'vitest';
import { resolveRoles } from '../../../src/access/resolve.ts';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createCredentials } from '../../../src/broker/credentials/credentials.ts';
import type { PrepareSession } from '../../../src/broker/credentials/modes/mode.ts';
import { createPreferences, type Preferences } from '../../../src/broker/preferences.ts';
import type { CredentialRegister } from '../../../src/broker/revocation/credential-register.ts';
import { BrokerError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/log.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createRateLimiter } from '../../../src/store/rate-limiter.ts';
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

function bench(rememberUse: Preferences['rememberUse'], add: CredentialRegister['add'] = async () => {}) {
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
  const requested = { session, roleArn, role: roles[0], roles, isElsewhere: false, isLive: async () => true };
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
    register: { add, find: async () => ({ credentials: [], incomplete: [] }) },
    limiter: createRateLimiter(
      'credentials',
      { perMinute: 2, burst: 2 },
      { keyValue: createMemoryStore(clock), clock },
    ),
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

test('credentials that cannot be registered are not handed out', async () => {
  const storeDown = () => Promise.reject(new BrokerError('store_unavailable', 'down'));
  const { events, issue } = bench(async () => {}, storeDown);
  await expect(issue()).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(events.at(-1)).toBe('credentials_refused');
});

test('a person who requests more per minute than allowed is told when to come back', async () => {
  const { events, issue } = bench(async () => {});
  for (let count = 0; count < 2; count++) await issue();
  const expected = { code: 'credentials_limited', details: { retryAfterSeconds: expect.any(Number) } };
  await expect(issue()).rejects.toMatchObject(expected);
  expect(events.slice(4)).toEqual(['credentials_refused']);
});
