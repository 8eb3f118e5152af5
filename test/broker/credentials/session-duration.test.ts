// How long credentials are valid, and what the broker remembers of roles that allow less.
import { describe, expect, test } from 'vitest';
import {
  createRoleMaxima,
  limitDuration,
  redeemFor,
  secondsLeft,
} from '../../../src/broker/credentials/session-duration.ts';
import { BrokerError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/log.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSharedRecords, type SharedRecords } from '../../../src/store/shared-records.ts';
import { createLineCollector } from '../../app/support/lines.ts';
import { testStorage } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const until = (seconds: number) => now.getTime() + seconds * 1000;
const role = (maxDurationSeconds: number, durationLimitedBy: 'rule' | 'role' | 'chaining' = 'rule') => ({
  maxDurationSeconds,
  durationLimitedBy,
});

describe('the duration requested from AWS', () => {
  test.each([
    ['less than allowed', 900, role(3600), 36_000, 900, 'request'],
    ['just what is allowed', 3600, role(3600), 36_000, 3600, 'request'],
    ['more than the rule allows', 7200, role(3600), 36_000, 3600, 'rule'],
    ['nothing', undefined, role(7200), 36_000, 7200, 'rule'],
    ['more than the role allows', 7200, role(3600, 'role'), 36_000, 3600, 'role'],
    ['more than chaining allows', 7200, role(3600, 'chaining'), 36_000, 3600, 'chaining'],
    ['more than is left of the sign-in', 7200, role(28_800), 3000, 3000, 'session'],
    ['less than is left of the sign-in', 900, role(28_800), 3000, 900, 'request'],
    ['anything in the last minutes of a sign-in', undefined, role(3600), 60, 900, 'session'],
  ])('%s', (_, asked, of, left, durationSeconds, durationLimitedBy) => {
    expect(limitDuration(asked, of, until(left), now)).toEqual({ durationSeconds, durationLimitedBy });
  });

  test('is whole seconds', () => {
    expect(secondsLeft(now.getTime() + 1_000_999, now)).toBe(1000);
  });
});

const expiration = new Date(now.getTime() + 3_600_000);
const credentials = { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't', expiration };
const roleArn = 'arn:aws:iam::111122223333:role/Developer';

/** A role with a maximum; `asked` holds what it was asked for. */
function roleOf(maximum: number, details: BrokerError['details'] = {}) {
  const asked: number[] = [];
  const redeem = async (durationSeconds: number) => {
    asked.push(durationSeconds);
    if (durationSeconds > maximum) throw new BrokerError('sts_duration', 'too long', { details });
    return { credentials, assumedRoleArn: '' };
  };
  return { asked, redeem };
}

function maximaOf(records?: SharedRecords) {
  const clock = createTestClock();
  const keyValue = createMemoryStore(clock);
  const shared = records ?? createSharedRecords('role-maximum', testStorage(keyValue, clock));
  return { clock, maxima: createRoleMaxima(shared, createLogger('info', createLineCollector().stream)) };
}

describe('a role that allows less', () => {
  const wish = (durationSeconds: number) => ({ durationSeconds, durationLimitedBy: 'rule' as const });

  test('is asked once for too much, then for an hour, until the memory of it ends', async () => {
    const { clock, maxima } = maximaOf();
    const { asked, redeem } = roleOf(7200);
    const issue = (seconds: number) => redeemFor(wish(seconds), roleArn, redeem, maxima);
    expect(await issue(28_800)).toMatchObject({ durationSeconds: 3600, durationLimitedBy: 'role' });
    expect(await issue(28_800)).toMatchObject({ durationSeconds: 3600, durationLimitedBy: 'role' });
    expect(await issue(7200)).toMatchObject({ durationSeconds: 7200, durationLimitedBy: 'rule' });
    expect(await issue(10_800)).toMatchObject({ durationSeconds: 3600 });
    expect(await issue(14_400)).toMatchObject({ durationSeconds: 3600 });
    expect(asked).toEqual([28_800, 3600, 3600, 7200, 10_800, 3600, 3600]);
    clock.advance(6 * 3_600_000 + 1);
    await issue(28_800);
    expect(asked.slice(-2)).toEqual([28_800, 3600]);
  });

  test('that is chained says so, and no maximum of the role is remembered', async () => {
    const { maxima } = maximaOf();
    const { asked, redeem } = roleOf(3600, { isChaining: true });
    const issued = await redeemFor(wish(7200), roleArn, redeem, maxima);
    expect(issued).toMatchObject({ durationSeconds: 3600, durationLimitedBy: 'chaining' });
    expect(await maxima.refusedSeconds(roleArn)).toBeUndefined();
    expect(asked).toEqual([7200, 3600]);
  });

  test('still gives credentials when the store is down', async () => {
    const down = async () => Promise.reject(new BrokerError('store_unavailable', 'down'));
    const { maxima } = maximaOf({ read: down, create: down, write: down });
    const { redeem } = roleOf(3600);
    expect(await redeemFor(wish(7200), roleArn, redeem, maxima)).toMatchObject({ durationLimitedBy: 'role' });
  });

  test('is not asked again where it refused for another reason, or an hour', async () => {
    const { maxima } = maximaOf();
    const { asked, redeem } = roleOf(0);
    await expect(redeemFor(wish(3600), roleArn, redeem, maxima)).rejects.toMatchObject({ code: 'sts_duration' });
    expect(asked).toEqual([3600]);
  });
});
