// What goes into a session at AWS: names, tags and policies. What AWS would refuse is refused here, in clearer words.
import type { EligibleRole, Identity } from '../../access/model.ts';
import { maxFederatedUserLength, sessionName, templatedName } from '../../access/session-name.ts';
import { sessionTags, type Tag } from '../../access/session-tags.ts';
import { BrokerError } from '../../errors.ts';

export interface SessionContent {
  /** In the mode `federation-token` the federated user's name. */
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

/**
 * @param isPrimaryIdp the people of one IdP keep their plain names
 * @param policy what was asked for; a rule's own policy is never replaced by it
 * @throws BrokerError session_attributes or session_policy_fixed
 */
export function sessionContent(
  role: EligibleRole,
  identity: Identity,
  { isPrimaryIdp, policy }: { isPrimaryIdp: boolean; policy: string | undefined },
): SessionContent {
  const { session, rule, mode } = role;
  const tags = sessionTags(session.tags, identity);
  if (tags.kind === 'problem') throw new BrokerError('session_attributes', tags.problem, { details: { rule } });
  if (policy !== undefined && !takesOwnPolicy(role)) {
    throw new BrokerError('session_policy_fixed', 'the rule has a session policy, and STS takes one inline policy');
  }
  const keys = new Set(tags.tags.map(({ key }) => key));
  return {
    roleSessionName: nameOf(role, identity, isPrimaryIdp),
    // GetFederationToken knows none.
    sourceIdentity:
      role.sourceIdentity && mode !== 'federation-token' ? sessionName(identity, isPrimaryIdp) : undefined,
    tags: tags.tags,
    transitiveTagKeys: session.transitiveTagKeys.filter((key) => keys.has(key)),
    policy: session.policy ?? policy,
    policyArns: session.policyArns.map((arn) => arn.replace('{accountId}', role.account.id)),
  };
}

/**
 * Whether a person may add a policy. Several session policies add up at AWS: one of their own would widen what the rule
 * allows. In the mode `federation-token` the policy is all that limits them: theirs would take its place.
 */
export function takesOwnPolicy({ session, mode }: Pick<EligibleRole, 'session' | 'mode'>): boolean {
  return mode !== 'federation-token' && session.policy === undefined && session.policyArns.length === 0;
}

/** @returns the name of the session, which leads CloudTrail's reader to the person */
export function nameOf(role: EligibleRole, identity: Identity, isPrimaryIdp: boolean): string {
  const { session, rule, mode } = role;
  if (role.sessionName !== undefined) return role.sessionName;
  const longest = mode === 'federation-token' ? maxFederatedUserLength : undefined;
  if (session.nameTemplate === undefined) return sessionName(identity, isPrimaryIdp, longest);
  return templatedName(session.nameTemplate, identity, rule, longest);
}
