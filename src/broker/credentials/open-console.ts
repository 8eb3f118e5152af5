// A signed-in console: credentials that never leave the server, exchanged for a sign-in URL.
import type { Agent } from 'node:https';
import type { EligibleRole } from '../../access/model.ts';
import { resolveRoles } from '../../access/resolve.ts';
import { afterSignOut, consoleSigninUrl, signinUrlLifetimeMs } from '../../aws/console-signin.ts';
import { consoleDestination } from '../../aws/destination.ts';
import type { Partition } from '../../aws/partitions.ts';
import { BrokerError } from '../../errors.ts';
import { type CredentialsWish, type IssueCredentialsDeps, issueCredentials } from './issue-credentials.ts';
import { secondsLeft } from './session-duration.ts';

export interface OpenConsoleDeps extends IssueCredentialsDeps {
  readonly partition: Partition;
  readonly signinEndpointOf: (region: string) => string;
  /** Where the console leads back to. */
  readonly portalUrl: string;
  readonly agent: Agent | undefined;
}

export interface ConsoleWish extends Omit<CredentialsWish, 'purpose' | 'policy'> {
  /** A console path or URL; undefined for the region's home. */
  readonly destination: string | undefined;
  /** Overrides the account's region. */
  readonly region: string | undefined;
  /** Ends other console sessions of the browser first, in a partition where that is possible. */
  readonly signOutFirst?: boolean;
  /** The origin that had it opened without asking the person. */
  readonly trustedReferrer?: string | undefined;
}

export interface OpenedConsole {
  /** A credential until `expiresAt`. */
  readonly url: string;
  readonly expiresAt: Date;
  /** When the console session ends. */
  readonly sessionExpiresAt: Date;
}

/** @throws BrokerError bad_request for a destination or region outside the partition, else as issueCredentials, or signin_ */
export async function openConsole(deps: OpenConsoleDeps, wish: ConsoleWish): Promise<OpenedConsole> {
  const region = wish.region ?? regionOf(deps, wish);
  const destination = consolePlace(wish.destination, region, deps.partition);
  const issued = await issueCredentials(deps, { ...wish, policy: undefined, purpose: 'console' });
  const signsOutFirst = wish.signOutFirst === true && deps.partition.signsOutFirst;
  const signin = await consoleSigninUrl({
    // A SigninToken is redeemed on the host that issued it, and only this region's signs out and goes on.
    endpoint: deps.signinEndpointOf(signsOutFirst ? deps.partition.firstRegion : region),
    credentials: issued.credentials,
    durationSeconds: issued.takesConsoleDuration ? consoleSeconds(deps, wish, issued.role) : undefined,
    destination,
    issuer: deps.portalUrl,
    agent: deps.agent,
  });
  const now = deps.clock.now().getTime();
  const { durationSeconds: seconds } = signin;
  const sessionExpiresAt = seconds === undefined ? issued.credentials.expiration : new Date(now + seconds * 1000);
  await record(deps, wish, { destination, sessionExpiresAt });
  return {
    url: signsOutFirst ? afterSignOut(signin.url) : signin.url,
    expiresAt: new Date(now + signinUrlLifetimeMs),
    sessionExpiresAt,
  };
}

/** The console's address. @throws BrokerError bad_request */
export function consolePlace(destination: string | undefined, region: string, partition: Partition): string {
  // The region becomes part of host names: the session's secret key goes to one of them.
  if (!partition.regionForm.test(region)) throw new BrokerError('bad_request', 'no region of this partition');
  const url = consoleDestination(destination, region, partition);
  if (url === undefined) throw new BrokerError('bad_request', 'the destination is not on the AWS console');
  return url;
}

async function record(
  { audit }: OpenConsoleDeps,
  { session, roleArn, trustedReferrer, request }: ConsoleWish,
  { destination, sessionExpiresAt }: { destination: string; sessionExpiresAt: Date },
): Promise<void> {
  const { idp, user } = session.identity;
  const event = {
    event: 'console_opened',
    idp,
    user,
    roleArn,
    destination: pathOf(destination),
    sessionExpiresAt: sessionExpiresAt.toISOString(),
    ...(trustedReferrer === undefined ? {} : { trustedReferrer }),
  } as const;
  await audit.record(event, request);
}

/** The role's MaxSessionDuration does not bind console sessions: what the rule allows does, and the sign-in's own end. */
export function consoleSeconds(
  { clock }: Pick<OpenConsoleDeps, 'clock'>,
  wish: Pick<ConsoleWish, 'session' | 'durationSeconds'>,
  { ruleDurationSeconds }: EligibleRole,
): number {
  const asked = wish.durationSeconds ?? ruleDurationSeconds;
  return Math.min(asked, ruleDurationSeconds, secondsLeft(wish.session, clock.now()));
}

function regionOf({ policy, clock }: OpenConsoleDeps, { session, roleArn }: ConsoleWish): string {
  const role = resolveRoles(session.identity, policy, clock.now()).find((each) => each.roleArn === roleArn);
  return role?.region ?? policy.region;
}

/** For the audit trail: queries and fragments of console links can name resources and search terms. */
export function pathOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
