// How many requests one source address may make: a token bucket for each, in this process's memory.
import type { Request, RequestHandler } from 'express';
import ipaddr, { type IPv6 } from 'ipaddr.js';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';

export interface RateLimit {
  /** Requests a minute that an address may make again and again; 0 for no limit. */
  readonly perMinute: number;
  /** Requests that it may make at once, after a rest. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
  recordedAt: number;
}

const minuteMs = 60_000;
/** Beyond this the least recently used address is forgotten, which gives it no more than a new address gets. */
const maxAddresses = 10_000;

/**
 * Next with BrokerError rate_limited for an address that has no requests left. Routes that share one share its buckets.
 * @param onRefused called for the first refusal of an address in a minute: a flood must not become a flood of records
 */
export function rateLimit(
  { perMinute, burst }: RateLimit,
  clock: Clock,
  onRefused: (request: Request, refusal: BrokerError) => Promise<void>,
): RequestHandler {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (address: string, now: number): Bucket => {
    const bucket = buckets.get(address) ?? { tokens: burst, filledAt: now, recordedAt: Number.NEGATIVE_INFINITY };
    // In the order of last use.
    buckets.delete(address);
    buckets.set(address, bucket);
    if (buckets.size > maxAddresses) buckets.delete(buckets.keys().next().value ?? '');
    return bucket;
  };
  return async (request, _response, next) => {
    if (perMinute === 0) return next();
    const now = clock.now().getTime();
    const bucket = bucketOf(addressOf(request.ip ?? ''), now);
    const refilled = (Math.max(0, now - bucket.filledAt) * perMinute) / minuteMs;
    bucket.tokens = Math.min(burst, bucket.tokens + refilled);
    bucket.filledAt = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return next();
    }
    const refusal = new BrokerError('rate_limited', 'too many requests from this address', { reason: 'rate_limited' });
    if (now - bucket.recordedAt >= minuteMs) {
      bucket.recordedAt = now;
      await onRefused(request, refusal);
    }
    return next(refusal);
  };
}

/** RFC 4291 §2.5.4: one subscriber of IPv6 has a /64 and every address in it. */
export function addressOf(ip: string): string {
  if (!ipaddr.IPv6.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return (address as IPv6).parts
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}
