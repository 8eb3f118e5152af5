// What AWS has issued is answered at once, whatever becomes of the record of the role that was used.
import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { type IssueCredentialsDeps, issueCredentials } from '../../../src/broker/credentials/issue-credentials.ts';
import type { PrepareSession } from '../../../src/broker/credentials/modes/mode.ts';
import { group, now, person, policy, rule } from '../../access/support.ts';
import { createTestClock } from '../../support/clock.ts';

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const session = {
  ...{ identity: person(), nameId: undefined, sessionIndex: undefined, assertionId: '_a', steppedUpFor: undefined },
  expiresAt: now.getTime() + 36_000_000,
};

function bench(rememberUse: IssueCredentialsDeps['preferences']['rememberUse']) {
  const events: AuditEvent['event'][] = [];
  const expiration = new Date(now.getTime() + 3_600_000);
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't', expiration };
  const mode: PrepareSession = () => ({
    facts: {},
    takesConsoleDuration: false,
    redeem: async () => ({ credentials, assumedRoleArn: roleArn }),
  });
  const deps: IssueCredentialsDeps = {
    policy: policy(rule(group('CORP\\AWS-Payments-Dev'))),
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
    preferences: { rememberUse },
    audit: {
      record: async ({ event }) => {
        events.push(event);
      },
    },
    clock: createTestClock(now),
  };
  const request = { requestId: 'r', sourceIp: '192.0.2.1', userAgent: '' };
  const wish = { session, roleArn, durationSeconds: undefined, policy: undefined, purpose: 'credentials' } as const;
  return { events, issue: () => issueCredentials(deps, { ...wish, request }) };
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
