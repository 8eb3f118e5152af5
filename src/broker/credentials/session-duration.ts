// How long credentials are valid: the least of the request, the limits of rule, role and role chaining, and the rest of
// the sign-in. A maximum that a role reported is remembered, so that only the first request needs a second try.
import { z } from 'zod';
import type { AssumedRole } from '../../aws/sts.ts';
import { BrokerError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { SharedRecords } from '../../store/shared-records.ts';
import type { PreparedSession } from './modes/mode.ts';

type DurationLimitedBy = 'request' | 'rule' | 'role' | 'chaining' | 'session';

export interface Duration {
  readonly durationSeconds: number;
  readonly durationLimitedBy: DurationLimitedBy;
}

/** What rule, role and role chaining allow together: a part of EligibleRole. */
interface RoleLimit {
  readonly maxDurationSeconds: number;
  readonly durationLimitedBy: DurationLimitedBy;
}

/** STS API: the minimum of DurationSeconds. */
const leastSeconds = 900;
/** Every role allows at least this. */
const roleMinimumSeconds = 3600;

/** On a tie the first limit wins, so a request for exactly the maximum is reported as `request`. */
export function limitDuration(
  requestedSeconds: number | undefined,
  { maxDurationSeconds, durationLimitedBy }: RoleLimit,
  expiresAt: number,
  now: Date,
): Duration {
  const limits: Duration[] = [
    { durationSeconds: requestedSeconds ?? Infinity, durationLimitedBy: 'request' },
    { durationSeconds: maxDurationSeconds, durationLimitedBy },
    { durationSeconds: secondsLeft(expiresAt, now), durationLimitedBy: 'session' },
  ];
  return limits.reduce((a, b) => (b.durationSeconds < a.durationSeconds ? b : a));
}

/** The rest of a sign-in, and never less than the minimum of AWS. */
export function secondsLeft(expiresAt: number, now: Date): number {
  return Math.max(leastSeconds, Math.floor((expiresAt - now.getTime()) / 1000));
}

export interface RoleMaxima {
  /** The shortest duration that the role refused lately. */
  refusedSeconds(roleArn: string): Promise<number | undefined>;
  remember(roleArn: string, refusedSeconds: number): Promise<void>;
}

/** A maximum that an administrator raised takes effect after this. */
const rememberedMs = 6 * 3_600_000;

/** A convenience: with the store down, AWS is asked once more than needed. */
export function createRoleMaxima(records: SharedRecords, log: Logger): RoleMaxima {
  const orNothing = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      log.warn({ detail: (error as Error).message }, 'the maximum session duration of a role is not stored');
      return undefined;
    }
  };
  const read = async (roleArn: string) => {
    return orNothing(() => records.read(roleArn, z.number()));
  };
  return {
    refusedSeconds: read,
    remember: async (roleArn, refusedSeconds) => {
      const least = Math.min(refusedSeconds, (await read(roleArn)) ?? Infinity);
      await orNothing(() => records.write(roleArn, least, rememberedMs));
    },
  };
}

/** @throws BrokerError with one of the sts_ codes */
export async function redeemFor(
  { durationSeconds, durationLimitedBy }: Duration,
  roleArn: string,
  redeem: PreparedSession['redeem'],
  maxima: RoleMaxima,
): Promise<AssumedRole & Duration> {
  const lessBy = async (limitedBy: DurationLimitedBy) => ({
    ...(await redeem(roleMinimumSeconds)),
    durationSeconds: roleMinimumSeconds,
    durationLimitedBy: limitedBy,
  });
  const isLong = durationSeconds > roleMinimumSeconds;
  if (isLong && durationSeconds >= ((await maxima.refusedSeconds(roleArn)) ?? Infinity)) return lessBy('role');
  try {
    return { ...(await redeem(durationSeconds)), durationSeconds, durationLimitedBy };
  } catch (error) {
    // The role's own maximum cannot be seen from outside. Every role allows an hour, and the answer says so.
    if (!(error instanceof BrokerError && error.code === 'sts_duration' && isLong)) throw error;
    if (error.details['isChaining'] === true) return lessBy('chaining');
    await maxima.remember(roleArn, durationSeconds);
    return lessBy('role');
  }
}
