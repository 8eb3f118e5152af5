// Whether each rule can be carried out in the federation mode that it ends up with.
import type { Account, FederationMode, Policy, Rule } from '../access/model.ts';
import { accountIndex } from '../access/policy-index.ts';
import { isNameIn, modeOf } from '../access/resolve.ts';
import type { ConfigFile } from './schema.ts';

type Settings = ConfigFile['aws'];

/** STS API: DurationSeconds of roles and of federated users. */
const longestSeconds = (mode: FederationMode) => (mode === 'federation-token' ? 129_600 : 43_200);

/** @returns the modes that some rule ends up with */
export function checkModes(policy: Policy, settings: Settings, problems: string[]): Set<FederationMode> {
  const used = new Set<FederationMode>();
  const known = accountIndex(policy.accounts);
  policy.rules.forEach((rule, index) => {
    const path = `rules[${index}].grant`;
    const accounts = rule.grant.accounts.flatMap((reference) =>
      /[{}]/.test(reference) ? policy.accounts : (known.get(reference) ?? []),
    );
    const modes = new Set(accounts.map((account) => modeOf(rule, account, policy)));
    for (const mode of modes) {
      used.add(mode);
      checkRule(rule, mode, path, problems);
    }
    if (modes.has('forward')) {
      const named = Object.keys(policy.forward?.providers ?? {});
      const isNamed = (rule.identityProviders ?? named).every((id) => named.includes(id));
      if (named.length === 0 || !isNamed) {
        problems.push(`${path}.mode: the mode forward needs a SAML identity provider that aws.forward.provider names`);
      }
      const { nameTemplate, tags } = rule.grant.session;
      // AWS reads both in the response, which the broker cannot change.
      if (nameTemplate !== undefined)
        problems.push(`${path}.sessionName: the mode forward takes the identity provider's`);
      if (tags.length > 0) problems.push(`${path}.sessionTags: the mode forward takes the identity provider's`);
    }
    if (modes.has('web-identity') && !settings.webIdentity.signing) {
      problems.push(`${path}.mode: the mode web-identity needs aws.webIdentity.signing`);
    }
    const byToken = accounts.filter((account) => modeOf(rule, account, policy) === 'federation-token');
    if (byToken.length > 0) checkFederationToken(rule, [...new Set(byToken)], path, settings, problems);
  });
  return used;
}

function checkRule({ grant }: Rule, mode: FederationMode, path: string, problems: string[]): void {
  if (!/[{}]/.test(grant.role) && !isNameIn(mode, grant.role)) {
    const form = mode === 'federation-token' ? 'a federated user (2 to 32 characters)' : 'an IAM role';
    problems.push(`${path}.role: ${grant.role} is not the name of ${form}`);
  }
  const { policy, policyArns, sourceIp } = grant.session;
  // The poster of an assertion cannot add a policy to it: the person would have more than the rule says.
  if (mode === 'browser-post' && (policy !== undefined || policyArns.length > 0)) {
    problems.push(`${path}.sessionPolicy: the mode browser-post cannot carry one`);
  }
  if (mode === 'browser-post' && sourceIp) {
    problems.push(`${path}.sourceIp: the mode browser-post cannot carry a session policy`);
  }
  if (grant.maxDurationSeconds > longestSeconds(mode)) {
    problems.push(`${path}.maxDuration: the mode ${mode} allows at most ${longestSeconds(mode) / 3600} hours`);
  }
}

function checkFederationToken(
  { grant }: Rule,
  accounts: readonly Account[],
  path: string,
  { federationToken }: Settings,
  problems: string[],
): void {
  for (const { id, alias } of accounts) {
    if (!Object.hasOwn(federationToken.keys, id) && !Object.hasOwn(federationToken.keys, alias)) {
      problems.push(
        `${path}.accounts: aws.federationToken.keys has none for ${alias}, which the mode federation-token needs`,
      );
    }
  }
  const { policy, policyArns, sourceIp } = grant.session;
  if (sourceIp && policy === undefined && policyArns.length === 0) {
    problems.push(`${path}.sourceIp: in the mode federation-token it needs a grant.sessionPolicy beside it`);
  }
  // Without one AWS gives credentials that may do nothing.
  if (policy === undefined && policyArns.length === 0 && federationToken.sessionPolicy === undefined) {
    problems.push(`${path}.sessionPolicy: the mode federation-token needs one here or in aws.federationToken`);
  }
}
