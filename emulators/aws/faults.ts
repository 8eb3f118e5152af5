// Injected trouble (latency, connection resets, outages, throttling) and the request quota.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from './errors.ts';

/** What shall go wrong; absent members change nothing. */
export interface FaultSettings {
  /** Milliseconds every answer waits. */
  readonly latencyMs?: number;
  /** Cut the connection instead of answering. */
  readonly reset?: boolean;
  /** Answer T6 with this status. */
  readonly status?: 500 | 503;
  /** Answer T5 to every n-th STS request. */
  readonly throttleEvery?: number;
  /** Only the next n requests are hit; then the faults clear themselves. */
  readonly times?: number;
  /** Which endpoint is hit; default all. */
  readonly scope?: FaultScope;
}

export const faultScopes = ['sts', 'signin', 'kms', 'secretsmanager', 'ssm', 'organizations'] as const;
export type FaultScope = (typeof faultScopes)[number];

/** The switchboard of faults. */
export interface Faults {
  readonly current: FaultSettings;
  set(settings: FaultSettings): void;
  clear(): void;
  /** Waits, cuts or throws as set. @returns false when the connection was cut. @throws AwsError T5, T6 */
  strike(endpoint: FaultScope, response: ServerResponse): Promise<boolean>;
}

/** Creates a switchboard on which nothing is wrong. */
export function createFaults(): Faults {
  let current: FaultSettings = {};
  let hits = 0;
  const clear = (): void => {
    current = {};
    hits = 0;
  };
  return {
    get current() {
      return current;
    },
    set(settings) {
      clear();
      current = { ...settings };
    },
    clear,
    async strike(endpoint, response) {
      const now = current;
      if (now.scope !== undefined && now.scope !== endpoint) return true;
      hits += 1;
      const hit = hits;
      if (now.times !== undefined && hit >= now.times) current = {};
      if (now.latencyMs !== undefined && now.latencyMs > 0) await sleep(now.latencyMs);
      if (now.reset === true) {
        response.socket?.resetAndDestroy();
        return false;
      }
      if (now.status === 503)
        throw new AwsError(503, 'ServiceUnavailable', 'Service is unavailable. Please try again.');
      if (now.status === 500) throw new AwsError(500, 'InternalFailure', 'An internal error has occurred.');
      if (endpoint === 'sts' && now.throttleEvery !== undefined && hit % now.throttleEvery === 0) throw throttled();
      return true;
    },
  };
}

/** Requests per second that one account may make in one region. */
export interface Quota {
  readonly requestsPerSecond: number;
}

/** Counts requests in windows of one second. @throws AwsError T5 above the quota */
export function createQuotaCounter(quota: Quota | undefined): (key: string, now: Date) => void {
  const counts = new Map<string, { second: number; count: number }>();
  return (key, now) => {
    if (quota === undefined) return;
    const second = Math.floor(now.getTime() / 1000);
    const entry = counts.get(key);
    const count = entry?.second === second ? entry.count + 1 : 1;
    counts.set(key, { second, count });
    if (count > quota.requestsPerSecond) throw throttled();
  };
}

/** T5 / m20. */
function throttled(): AwsError {
  return new AwsError(400, 'Throttling', 'Rate exceeded');
}
