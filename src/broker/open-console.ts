// A signed-in console: credentials that never leave the server, exchanged for a sign-in URL.
import type { Agent } from 'node:https';
import { resolveRoles } from '../access/resolve.ts';
import { consoleSigninUrl, signinUrlLifetimeMs } from '../aws/console-signin.ts';
import { consoleDestination } from '../aws/destination.ts';
import { BrokerError } from '../errors.ts';
import { type CredentialsWish, type IssueCredentialsDeps, issueCredentials } from './issue-credentials.ts';

export interface OpenConsoleDeps extends IssueCredentialsDeps {
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
}

export interface OpenedConsole {
  /** A credential until `expiresAt`. */
  readonly url: string;
  readonly expiresAt: Date;
}

/** @throws BrokerError bad_request for a destination outside the console, else as issueCredentials, or signin_ */
export async function openConsole(deps: OpenConsoleDeps, wish: ConsoleWish): Promise<OpenedConsole> {
  const region = wish.region ?? regionOf(deps, wish);
  const destination = consoleDestination(wish.destination, region, deps.partition);
  if (destination === undefined) throw new BrokerError('bad_request', 'the destination is not on the AWS console');
  const issued = await issueCredentials(deps, { ...wish, policy: undefined, purpose: 'console' });
  const asked = Math.min(wish.durationSeconds ?? issued.role.maxDurationSeconds, issued.role.maxDurationSeconds);
  const url = await consoleSigninUrl({
    endpoint: deps.signinEndpointOf(region),
    credentials: issued.credentials,
    // The role's MaxSessionDuration does not bind console sessions: what the rule allows does.
    durationSeconds: asked,
    destination,
    issuer: deps.portalUrl,
    agent: deps.agent,
  });
  const { idp, user } = wish.session.identity;
  const event = {
    event: 'console_opened',
    idp,
    user,
    roleArn: wish.roleArn,
    destination: pathOf(destination),
  } as const;
  await deps.audit.record(event, wish.request);
  return { url, expiresAt: new Date(deps.clock.now().getTime() + signinUrlLifetimeMs) };
}

function regionOf({ policy, clock }: OpenConsoleDeps, { session, roleArn }: ConsoleWish): string {
  const role = resolveRoles(session.identity, policy, clock.now()).find((each) => each.roleArn === roleArn);
  return role?.region ?? policy.region;
}

// Queries and fragments of console links can name resources and search terms.
function pathOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
