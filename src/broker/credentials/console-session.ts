// What both ways to a console share: what a caller may ask for, the address on the console, and how long the session lasts.
import type { Agent } from 'node:https';
import type { Audit } from '../../audit/events.ts';
import { consoleDestination, consoleHosts } from '../../aws/destination.ts';
import type { Partition } from '../../aws/partitions.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { RateLimiter } from '../../store/rate-limiter.ts';
import type { Preferences } from '../preferences.ts';
import type { CredentialRegister } from '../revocation/credential-register.ts';
import type { Credentials } from './credentials.ts';
import type { Minting } from './modes/mint.ts';
import { secondsLeft } from './session-duration.ts';

export interface ConsoleDependencies {
  readonly credentials: Credentials;
  readonly minting: Minting;
  readonly partition: Partition;
  /** Of an account without a region; also for a role that no rule grants. */
  readonly defaultRegion: string;
  /** Whose sign-in pages are offered after the account's own, in order. */
  readonly fallbackRegions: readonly string[];
  readonly signinEndpointOf: (region: string) => string;
  /** Where the console leads back to. */
  readonly portalUrl: string;
  readonly agent: Agent | undefined;
  readonly primaryIdp: string;
  readonly preferences: Preferences;
  readonly register: CredentialRegister;
  /** Of credentials and consoles, by person. */
  readonly limiter: RateLimiter;
  readonly audit: Audit;
  readonly clock: Clock;
}

export interface ConsoleOptions {
  /** A console path or URL; undefined for the region's home. */
  readonly destination: string | undefined;
  /** Overrides the account's region. */
  readonly region: string | undefined;
  /** Of the console session; undefined for as long as the rule allows. */
  readonly durationSeconds?: number | undefined;
  /** Ends other console sessions of the browser first, in a partition where that is possible. */
  readonly signOutFirst?: boolean;
  /** The origin whose link opened it without asking the person. */
  readonly trustedReferrer?: string | undefined;
}

/** @throws BrokerError bad_request for a region, or not_on_console for a destination, outside the partition */
export function consoleAddress(destination: string | undefined, region: string, partition: Partition): string {
  // The region becomes part of host names: the session's secret key goes to one of them.
  if (!partition.regionForm.test(region)) throw new BrokerError('bad_request', 'no region of this partition');
  const url = consoleDestination(destination, region, partition);
  if (url === undefined) throw notOnConsole(partition);
  return url;
}

/** For a place that is nowhere on the console of this partition, or that is named twice. */
export function notOnConsole(partition: Partition): BrokerError {
  const hosts = consoleHosts(partition);
  const message = `the destination is not on the AWS console (${hosts}), or it is named twice`;
  return new BrokerError('not_on_console', message, { details: { consoleHosts: hosts } });
}

/** The role's MaxSessionDuration does not limit console sessions; the rule and the end of the sign-in do. */
export function consoleSeconds(
  requestedSeconds: number | undefined,
  ruleDurationSeconds: number,
  expiresAt: number,
  now: Date,
): number {
  return Math.min(requestedSeconds ?? ruleDurationSeconds, ruleDurationSeconds, secondsLeft(expiresAt, now));
}

/** For the audit trail: queries and fragments of console links can name resources and search terms. */
export function withoutQuery(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
