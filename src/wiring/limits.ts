// Wires what bounds the work and the records that clients cause: both limiters, and the counting of refusals.
import { isDeepStrictEqual } from 'node:util';
import type { Audit } from '../audit/events.ts';
import { type SummarizingAudit, summarizeRefusals } from '../audit/refusal-summary.ts';
import { createTimers } from '../broker/idp-metadata/timers.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { pointsPerRequest } from '../http/middleware/request-cost.ts';
import type { Logger } from '../log.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createRateLimiter, type RateLimiter } from '../store/rate-limiter.ts';
import type { Metrics } from './metrics.ts';

export interface Limits {
  /** By source address, in points. */
  readonly requestLimiter: () => RateLimiter;
  /** By person. */
  readonly credentialLimiter: () => RateLimiter;
  /** From now on these count. What was counted under other limits is forgotten. */
  change(limits: Config['limits']): void;
  /** From now on counters are exchanged and refusals written, in the background. */
  start(): void;
  /** Writes what was counted. */
  close(): Promise<void>;
}

interface World {
  readonly clock: Clock;
  readonly log: Logger;
}

const exchangeMs = 1000;
const summaryMs = 60_000;

/** @param current the configuration in force */
export function createSummaries(current: () => Config, audit: Audit, { clock, log }: World): SummarizingAudit {
  return summarizeRefusals(audit, { perMinute: () => current().limits.refusalRecords.perMinute, clock, log });
}

export function createLimits(
  { limits, store }: Config,
  { clock }: World,
  {
    keyValue,
    summaries,
    limited,
  }: { readonly keyValue: KeyValue; readonly summaries: SummarizingAudit; readonly limited: Metrics['limited'] },
): Limits {
  const limitersOf = ({ signIn: { perMinute, burst }, credentials }: Config['limits']) => {
    const inPoints = { perMinute: perMinute * pointsPerRequest, burst: burst * pointsPerRequest };
    return {
      request: limited('requests', createRateLimiter('request', inPoints, { keyValue, clock })),
      credentials: limited('credentials', createRateLimiter('credentials', credentials, { keyValue, clock })),
    };
  };
  let inForce = { limits, ...limitersOf(limits) };
  const timers = createTimers();
  const every = (ms: number, act: () => Promise<unknown>) => {
    timers.later(ms, async () => {
      await act();
      every(ms, act);
    });
  };
  return {
    requestLimiter: () => inForce.request,
    credentialLimiter: () => inForce.credentials,
    change: (next) => {
      if (!isDeepStrictEqual(next, inForce.limits)) inForce = { limits: next, ...limitersOf(next) };
    },
    start: () => {
      every(summaryMs, () => summaries.flush());
      // In memory there is no other process to exchange with.
      if (store.type !== 'memory') {
        every(exchangeMs, () => Promise.all([inForce.request.exchange(), inForce.credentials.exchange()]));
      }
    },
    close: async () => {
      timers.stop();
      await summaries.flush();
    },
  };
}
