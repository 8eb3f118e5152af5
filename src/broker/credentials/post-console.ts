// A console without credentials: an assertion that the person's browser posts to the AWS sign-in page. One for each press
// of a button, for the sign-in page of one region, and for one role unless the person wants to choose at AWS.
import type { RequestFacts } from '../../audit/events.ts';
import { signinRegions, signinSamlUrl } from '../../aws/partitions.ts';
import { BrokerError } from '../../errors.ts';
import { randomXmlId } from '../../random.ts';
import {
  type ConsoleDependencies,
  type ConsoleOptions,
  consoleAddress,
  consoleSeconds,
  withoutQuery,
} from './console-session.ts';
import { credentialFacts, recordFailure } from './credential-facts.ts';
import { grantedRole, type RequestedRole, requireTurn } from './granted-role.ts';
import { mintForRole } from './modes/mint.ts';
import { selectableRoles } from './selectable-roles.ts';
import { sessionContent, sessionNames } from './session-content.ts';

export interface PostOptions extends ConsoleOptions {
  /** Whether the person chooses at AWS, among this role and those that go with it. */
  readonly choosesAtAws?: boolean;
  /** Whose sign-in page; undefined for the account's own region. */
  readonly signinRegion?: string | undefined;
}

/** What the browser is to post. */
export interface ConsolePost {
  /** Where to. */
  readonly url: string;
  /** Base64; a credential for five minutes. */
  readonly samlResponse: string;
  /** Where on the console. */
  readonly relayState: string;
  readonly signinRegion: string;
  /** Among how many roles the person chooses there; 1 for none to choose. */
  readonly choices: number;
  /** The region to try if that one does not answer; undefined if there is only one. */
  readonly nextRegion: string | undefined;
}

export type PostConsole = (
  requested: RequestedRole,
  options: PostOptions,
  request: RequestFacts,
) => Promise<ConsolePost>;

/** STS API: an assertion is redeemed within five minutes of issuance. */
const assertionMs = 300_000;

export function createPostConsole(dependencies: ConsoleDependencies): PostConsole {
  const { minting, partition, fallbackRegions, signinEndpointOf, primaryIdp } = dependencies;
  const { preferences, register, limiter, audit, clock } = dependencies;
  return async (requested, options, request) => {
    const { session, isLive } = requested;
    const { identity } = session;
    const role = await grantedRole(requested, audit, request);
    const destination = consoleAddress(options.destination, options.region ?? role.region, partition);
    const regions = signinRegions(role.region, fallbackRegions);
    const signinRegion = options.signinRegion ?? role.region;
    // The region becomes a host name, and the trust policies were written for these only.
    if (!regions.includes(signinRegion)) throw new BrokerError('bad_request', 'not a region of aws.fallbackRegions');
    const recipient = signinSamlUrl(partition, signinRegion);
    const assertionId = randomXmlId(minting.random);
    const otherRoles = options.choosesAtAws ? selectableRoles(requested, role, primaryIdp) : [];
    const names = sessionNames(role, identity, primaryIdp);
    const facts = {
      ...credentialFacts(session, role, 'console', names.roleSessionName),
      assertionId,
      ...(otherRoles.length === 0 ? {} : { otherRoleArns: otherRoles.map(({ roleArn }) => roleArn) }),
    };
    try {
      await requireTurn(limiter, session);
      const now = clock.now();
      const content = sessionContent(role, identity, names, undefined);
      // A browser cannot send a policy: without it the person would have more than the rule allows.
      if (content.policy !== undefined || content.policyArns.length > 0) {
        throw new BrokerError('sts_session_policy', 'the mode browser-post cannot carry a session policy');
      }
      await audit.record({ event: 'credentials_requested', ...facts }, request);
      const ruleSeconds = Math.min(...[role, ...otherRoles].map((each) => each.ruleDurationSeconds));
      const seconds = consoleSeconds(options.durationSeconds, ruleSeconds, session.expiresAt, now);
      const minted = { assertionId, recipient, otherRoles, consoleSeconds: seconds };
      const samlResponse = await mintForRole(minting, { session, role, content, purpose: 'console', now }, minted);
      const { trustedReferrer } = options;
      const result = {
        destination: withoutQuery(destination),
        signin: recipient,
        sessionExpiresAt: new Date(now.getTime() + seconds * 1000).toISOString(),
        ...(trustedReferrer === undefined ? {} : { trustedReferrer }),
      };
      // The browser may post it until the assertion expires, and the console lasts from then.
      const lastUse = { purpose: 'console', expiresAt: now.getTime() + assertionMs + seconds * 1000 } as const;
      await Promise.all([
        audit.record({ event: 'console_posted', ...facts, ...result }, request),
        register.add({ identity, isLive }, [role, ...otherRoles], names, lastUse),
      ]);
      void preferences.rememberUse(identity, role.roleArn);
      const nextRegion = regions.length < 2 ? undefined : regions[(regions.indexOf(signinRegion) + 1) % regions.length];
      const url = `${signinEndpointOf(signinRegion)}/saml`;
      return { url, samlResponse, relayState: destination, signinRegion, choices: otherRoles.length + 1, nextRegion };
    } catch (error) {
      await recordFailure(audit, facts, error, request);
      throw error;
    }
  };
}
