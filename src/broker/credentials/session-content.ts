// What goes into a session at AWS: names, tags and policies. What AWS would refuse is refused here, in clearer words.
import type { EligibleRole, Identity, SessionRules } from '../../access/model.ts';
import { maxFederatedUserLength, sessionName, templatedName } from '../../access/session-name.ts';
import { sessionTags, type Tag } from '../../access/session-tags.ts';
import { maxPolicyLength, restrictedPolicy } from '../../access/source-addresses.ts';
import { BrokerError } from '../../errors.ts';

export interface SessionNames {
  /** Leads a reader of CloudTrail to the person. In the mode `federation-token` the federated user's name. */
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
}

export interface SessionContent extends SessionNames {
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

/**
 * Never throws, so that the record of a refused session has its name.
 * @param primaryIdp the IdP whose users keep their plain names
 */
export function sessionNames(role: EligibleRole, identity: Identity, primaryIdp: string): SessionNames {
  const { session, rule, mode } = role;
  const isPrimaryIdp = identity.idp === primaryIdp;
  const isFederatedUser = mode === 'federation-token';
  const longest = isFederatedUser ? maxFederatedUserLength : undefined;
  const fromRule =
    session.nameTemplate === undefined
      ? sessionName(identity, isPrimaryIdp, longest)
      : templatedName(session.nameTemplate, identity, rule, longest);
  return {
    roleSessionName: role.sessionName ?? fromRule,
    // GetFederationToken has no SourceIdentity.
    sourceIdentity: role.sourceIdentity && !isFederatedUser ? sessionName(identity, isPrimaryIdp) : undefined,
  };
}

/**
 * @param policy what the request asks for; it never replaces a rule's own policy
 * @throws BrokerError session_attributes, session_policy_fixed or sts_session_policy
 */
export function sessionContent(
  role: EligibleRole,
  identity: Identity,
  names: SessionNames,
  policy: string | undefined,
): SessionContent {
  const { session, rule } = role;
  const tags = sessionTags(session.tags, identity);
  if (tags.kind === 'problem') throw new BrokerError('session_attributes', tags.problem, { details: { rule } });
  if (policy !== undefined && !takesOwnPolicy(role)) {
    throw new BrokerError('session_policy_fixed', 'the rule has a session policy, and STS takes one inline policy');
  }
  const keys = new Set(tags.tags.map(({ key }) => key));
  return {
    ...names,
    tags: tags.tags,
    transitiveTagKeys: session.transitiveTagKeys.filter((key) => keys.has(key)),
    policy: restricted(session, session.policy ?? policy),
    policyArns: session.policyArns.map((arn) => arn.replace('{accountId}', role.account.id)),
  };
}

function restricted({ sourceIp, policyArns }: SessionRules, policy: string | undefined): string | undefined {
  if (!sourceIp) return policy;
  let text: string;
  try {
    text = restrictedPolicy(sourceIp, { policy, policyArns });
  } catch {
    throw new BrokerError('sts_session_policy', 'the session policy that was asked for is not JSON');
  }
  if (text.length <= maxPolicyLength) return text;
  throw new BrokerError(
    'sts_session_policy',
    `the rule's sourceIp makes the session policy ${text.length} characters long`,
  );
}

/**
 * Whether a person may add a policy. Several session policies add up at AWS: a second one would widen what the rule
 * allows. In the mode `federation-token` the policy alone limits the session, and another would replace it.
 */
export function takesOwnPolicy({ session, mode }: EligibleRole): boolean {
  return mode !== 'federation-token' && session.policy === undefined && session.policyArns.length === 0;
}
