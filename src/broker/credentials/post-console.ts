// A console without credentials: an assertion that the person's browser posts to the AWS sign-in page. One for each press
// of a button, for one region's sign-in page, and for one role unless the
// person wants to choose there.
import { signinRegions, signinSamlUrl } from '../../aws/partitions.ts';
import { BrokerError } from '../../errors.ts';
import { randomXmlId } from '../../random.ts';
import { factsOf, grantedRole, recordFailure, sessionRequest } from './issue-credentials.ts';
import { type MintingDeps, mintForRole } from './modes/mint.ts';
import { type ConsoleWish, consolePlace, consoleSeconds, type OpenConsoleDeps, pathOf } from './open-console.ts';
import { companionsOf } from './selectable-roles.ts';

export interface PostConsoleDeps extends OpenConsoleDeps {
  readonly minting: MintingDeps;
  /** Whose sign-in pages are offered after the account's own, in order. */
  readonly fallbackRegions: readonly string[];
}

export interface PostConsoleWish extends ConsoleWish {
  /** Whether the person chooses at AWS, among this role and those that go with it. */
  readonly choosesAtAws?: boolean | undefined;
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
  /** The one to try if that does not answer; undefined where there is no other. */
  readonly nextRegion: string | undefined;
}

/** @throws BrokerError role_not_granted, step_up_required, bad_request, session_ or audit_unavailable */
export async function postConsole(deps: PostConsoleDeps, wish: PostConsoleWish): Promise<ConsolePost> {
  const role = await grantedRole(deps, wish);
  const { partition, minting, audit, clock } = deps;
  const destination = consolePlace(wish.destination, wish.region ?? role.region, partition);
  const regions = signinRegions(role.region, deps.fallbackRegions);
  const signinRegion = wish.signinRegion ?? role.region;
  // It becomes a host name, and it is one that the trust policies were written for.
  if (!regions.includes(signinRegion)) throw new BrokerError('bad_request', 'not a region of aws.fallbackRegions');
  const recipient = signinSamlUrl(partition, signinRegion);
  const assertionId = randomXmlId(minting.random);
  const otherRoles = wish.choosesAtAws ? companionsOf(deps, wish.session, role) : [];
  const otherRoleArns = otherRoles.map(({ roleArn }) => roleArn);
  const facts = {
    ...factsOf(deps, { ...wish, purpose: 'console' }, role),
    assertionId,
    ...(otherRoles.length === 0 ? {} : { otherRoleArns }),
  };
  try {
    const request = sessionRequest(deps, { session: wish.session, policy: undefined, purpose: 'console' }, role);
    // Nobody can attach a policy on this way: without one the person would have more than the rule says.
    if (request.content.policy !== undefined || request.content.policyArns.length > 0) {
      throw new BrokerError('sts_session_policy', 'the mode browser-post cannot carry a session policy');
    }
    await audit.record({ event: 'credentials_requested', ...facts }, wish.request);
    const seconds = Math.min(...[role, ...otherRoles].map((each) => consoleSeconds(deps, wish, each)));
    const samlResponse = mintForRole(minting, request, {
      ...{ assertionId, recipient, otherRoles },
      consoleSeconds: seconds,
    });
    const sessionExpiresAt = new Date(clock.now().getTime() + seconds * 1000).toISOString();
    const { trustedReferrer } = wish;
    const referrer = trustedReferrer === undefined ? {} : { trustedReferrer };
    const result = { destination: pathOf(destination), signin: recipient, sessionExpiresAt, ...referrer };
    await audit.record({ event: 'console_posted', ...facts, ...result }, wish.request);
    void deps.preferences.rememberUse(wish.session.identity, role.roleArn);
    const nextRegion = regions.length < 2 ? undefined : regions[(regions.indexOf(signinRegion) + 1) % regions.length];
    const url = `${deps.signinEndpointOf(signinRegion)}/saml`;
    return { url, samlResponse, relayState: destination, signinRegion, choices: otherRoles.length + 1, nextRegion };
  } catch (error) {
    await recordFailure(deps, facts, error, wish.request);
    throw error;
  }
}
