// From the accounts and rules of the file to the Policy that access/ evaluates.
import { denyList } from '../access/denied.ts';
import { capturedNames } from '../access/group-patterns.ts';
import type { Account, Condition, Policy, Rule } from '../access/model.ts';
import { accountIndex } from '../access/policy-index.ts';

import { claimsInTemplate } from '../access/session-name.ts';
import { defaultMfaContexts } from '../saml/names.ts';
import { checkModes } from './check-modes.ts';
import { chainsRoles, compileSession } from './federation.ts';
import { claimsToForward, resolveForward } from './forward.ts';
import type { ConfigFile, FileCondition } from './schema.ts';

/** The sections that a policy is made of. */
export type PolicySections = Pick<ConfigFile, 'accounts' | 'rules' | 'deny' | 'aws' | 'identityProviders' | 'portal'>;

/** The policy; what does not hold together is added to `problems`. */
export function compilePolicy(file: PolicySections, problems: string[]): Policy {
  const { aws, identityProviders, portal } = file;
  const accounts = file.accounts.map(
    ({ id, alias, name = alias, environment, region, owner, labels, mode, provider }) =>
      ({ id, alias, name, environment, region, owner, labels, mode, provider }) satisfies Account,
  );
  checkUnique('accounts', 'id', accounts, problems);
  checkUnique('accounts', 'alias', accounts, problems);
  checkUnique('rules', 'name', file.rules, problems);
  identityProviders.forEach((idp, index) => {
    checkGrants(idp.attributes.groups, `identityProviders[${index}].attributes.groups`, problems);
  });
  const [primary] = identityProviders;
  const ofAdministrators = portal.administratorSignIn.authnContext;
  const hasContext = ofAdministrators === undefined || ofAdministrators === 'mfa';
  if (primary && !hasContext && !Object.hasOwn(primary.authnContexts, ofAdministrators)) {
    problems.push(`portal.administratorSignIn.authnContext: ${primary.id} has no authnContexts.${ofAdministrators}`);
  }
  const known = accountIndex(accounts);
  const policy: Policy = {
    partition: aws.partition,
    provider: aws.provider,
    region: aws.region,
    mode: aws.mode,
    chainsRoles: chainsRoles(aws.assumeRole),
    forward: resolveForward(file, problems),
    accounts,
    deny: denyList(file.deny),
    rules: file.rules.map((rule, index) => compileRule(rule, `rules[${index}]`, known, file, problems)),
    authnContexts: Object.fromEntries(
      identityProviders.map(({ id, authnContexts }) => [id, { mfa: defaultMfaContexts, ...authnContexts }]),
    ),
  };
  const modes = checkModes(policy, aws, problems);
  return modes.has('forward') ? policy : { ...policy, forward: undefined };
}

/** Names of the claims that some rule reads, to decide or to tell AWS. */
export function claimNamesOf(policy: Policy): string[] {
  const names = (condition: Condition): string[] => {
    switch (condition.kind) {
      case 'claim':
        return [condition.name];
      case 'any':
      case 'all':
        return condition.conditions.flatMap(names);
      case 'not':
        return names(condition.condition);
      default:
        return [];
    }
  };
  const told = ({ grant: { session } }: Rule) => [
    ...claimsInTemplate(session.nameTemplate ?? ''),
    ...session.tags.flatMap(({ from }) => (from.kind === 'claim' ? [from.name] : [])),
  ];
  const ruled = policy.rules.flatMap((rule) => [...names(rule.when), ...told(rule)]);
  return [...new Set([...ruled, ...claimsToForward(policy)])];
}

function compileRule(
  { name, ask, identityProviders, when: condition, grant }: ConfigFile['rules'][number],
  path: string,
  accounts: ReadonlyMap<string, Account>,
  config: PolicySections,
  problems: string[],
): Rule {
  const patterns: string[][] = [];
  const when = compileCondition(condition, `${path}.when`, patterns, problems);
  const captures = new Set(patterns.flat());
  if (patterns.filter((names) => names.length > 0).length > 1) {
    problems.push(`${path}.when: only one groupPattern of a rule may capture names`);
  }
  grant.accounts.forEach((account, index) => {
    checkTemplate(account, `${path}.grant.accounts[${index}]`, captures, problems);
    if (!/[{}]/.test(account) && !accounts.has(account)) {
      problems.push(`${path}.grant.accounts[${index}]: no account has the id or alias ${account}`);
    }
  });
  checkTemplate(grant.role, `${path}.grant.role`, captures, problems);
  const { authnContext, maxAuthenticationAge, network } = grant.require;
  checkContext(authnContext, path, config, problems);
  for (const id of identityProviders ?? []) {
    const isKnown = config.identityProviders.some((idp) => idp.id === id);
    if (!isKnown) problems.push(`${path}.identityProviders: no identity provider has the id ${id}`);
  }
  const session = compileSession(grant, `${path}.grant`, { presets: config.portal.sessionPolicies, problems });
  const { accounts: references, role, maxDuration, roleMaxDuration, sourceIdentity, description, mode } = grant;
  return {
    ...{ name, ask, identityProviders, when },
    grant: {
      ...{ accounts: references, role, sourceIdentity, description, mode, session },
      maxDurationSeconds: maxDuration / 1000,
      roleMaxDurationSeconds: roleMaxDuration === undefined ? undefined : roleMaxDuration / 1000,
      require: { authnContext, maxAuthenticationAgeMs: maxAuthenticationAge, networks: network },
    },
  };
}

function compileCondition(condition: FileCondition, path: string, patterns: string[][], problems: string[]): Condition {
  const compile = (each: FileCondition, name: string) => compileCondition(each, `${path}.${name}`, patterns, problems);
  if ('group' in condition) return { kind: 'group', value: condition.group };
  if ('claim' in condition) {
    checkGrants(condition.claim, `${path}.claim`, problems);
    return { kind: 'claim', name: condition.claim, value: condition.value };
  }
  if ('any' in condition)
    return { kind: 'any', conditions: condition.any.map((each, i) => compile(each, `any[${i}]`)) };
  if ('all' in condition)
    return { kind: 'all', conditions: condition.all.map((each, i) => compile(each, `all[${i}]`)) };
  // What a negated pattern captures is nothing: its patterns do not count.
  if ('not' in condition)
    return { kind: 'not', condition: compileCondition(condition.not, `${path}.not`, [], problems) };
  try {
    patterns.push(capturedNames(condition.groupPattern));
  } catch (error) {
    problems.push(`${path}.groupPattern: ${(error as Error).message}`);
  }
  return { kind: 'groupPattern', pattern: condition.groupPattern };
}

// Windows marks SIDs deny-only in a filtered token: they may take rights away and never give any. AD FS sends them as
// separate claims (…/claims/denyonlysid and relatives).
function checkGrants(claim: string, path: string, problems: string[]): void {
  if (/\/denyonly[^/]*$/i.test(claim)) problems.push(`${path}: deny-only SIDs never grant anything`);
}

function checkTemplate(template: string, path: string, captures: ReadonlySet<string>, problems: string[]): void {
  for (const [, name] of template.matchAll(/\{(\w+)\}/g)) {
    if (!captures.has(name!)) problems.push(`${path}: no groupPattern of this rule captures {${name}}`);
  }
  if (/[{}]/.test(template.replace(/\{\w+\}/g, ''))) problems.push(`${path}: a brace that holds no name`);
}

function checkContext(name: string | undefined, path: string, config: PolicySections, problems: string[]): void {
  if (name === undefined || name === 'mfa') return;
  for (const idp of config.identityProviders) {
    if (!Object.hasOwn(idp.authnContexts, name)) {
      problems.push(`${path}.grant.require.authnContext: identity provider ${idp.id} has no authnContexts.${name}`);
    }
  }
}

function checkUnique<K extends string>(
  path: string,
  key: K,
  list: readonly { readonly [key in K]: string }[],
  problems: string[],
): void {
  const seen = new Set<string>();
  list.forEach(({ [key]: value }, index) => {
    if (seen.has(value)) problems.push(`${path}[${index}].${key}: ${value} is used twice`);
    seen.add(value);
  });
}
