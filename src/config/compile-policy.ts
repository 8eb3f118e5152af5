// From the accounts and rules of the file to the Policy that access/ evaluates.
import type { Account, Condition, Policy, Rule } from '../access/model.ts';
import { accountIndex } from '../access/resolve.ts';
import { claimsInTemplate } from '../access/session-name.ts';
import { defaultMfaContexts } from '../saml/names.ts';
import { checkModes } from './check-modes.ts';
import { chainsRoles, compileSession } from './federation.ts';
import { claimsToForward, resolveForward } from './forward.ts';
import type { RawCondition, RawConfig } from './schema.ts';

/** The sections that a policy is made of. */
export type PolicySections = Pick<RawConfig, 'accounts' | 'rules' | 'aws' | 'identityProviders' | 'portal'>;

/** The policy; what does not hold together is added to `problems`. */
export function compilePolicy(raw: PolicySections, problems: string[]): Policy {
  const accounts = raw.accounts.map((account) => ({
    id: account.id,
    alias: account.alias,
    name: account.name ?? account.alias,
    environment: account.environment,
    region: account.region,
    owner: account.owner,
    labels: account.labels,
    mode: account.mode,
    provider: account.provider,
  }));
  checkUnique(
    accounts.map((a) => a.id),
    'accounts',
    'id',
    problems,
  );
  checkUnique(
    accounts.map((a) => a.alias),
    'accounts',
    'alias',
    problems,
  );
  checkUnique(
    raw.rules.map((r) => r.name),
    'rules',
    'name',
    problems,
  );
  raw.identityProviders.forEach((idp, index) => {
    checkGrants(idp.attributes.groups, `identityProviders[${index}].attributes.groups`, problems);
  });
  const known = accountIndex(accounts);
  const policy: Policy = {
    partition: raw.aws.partition,
    provider: raw.aws.provider,
    region: raw.aws.region,
    mode: raw.aws.mode,
    chainsRoles: chainsRoles(raw.aws.assumeRole),
    forward: resolveForward(raw, problems),
    accounts,
    rules: raw.rules.map((rule, index) => compileRule(rule, `rules[${index}]`, known, raw, problems)),
    authnContexts: Object.fromEntries(
      raw.identityProviders.map((idp) => [idp.id, { mfa: defaultMfaContexts, ...idp.authnContexts }]),
    ),
  };
  const modes = checkModes(policy, raw.aws, problems);
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
  raw: RawConfig['rules'][number],
  path: string,
  accounts: ReadonlyMap<string, Account>,
  config: PolicySections,
  problems: string[],
): Rule {
  const patterns: RegExp[] = [];
  const when = compileCondition(raw.when, `${path}.when`, patterns, problems);
  const captures = new Set(patterns.flatMap((pattern) => groupNames(pattern)));
  if (patterns.filter((pattern) => groupNames(pattern).length > 0).length > 1) {
    problems.push(`${path}.when: only one groupPattern of a rule may capture names`);
  }
  raw.grant.accounts.forEach((account, index) => {
    checkTemplate(account, `${path}.grant.accounts[${index}]`, captures, problems);
    if (!/[{}]/.test(account) && !accounts.has(account)) {
      problems.push(`${path}.grant.accounts[${index}]: no account has the id or alias ${account}`);
    }
  });
  checkTemplate(raw.grant.role, `${path}.grant.role`, captures, problems);
  checkContext(raw.grant.require.authnContext, path, config, problems);
  for (const id of raw.identityProviders ?? []) {
    const isKnown = config.identityProviders.some((idp) => idp.id === id);
    if (!isKnown) problems.push(`${path}.identityProviders: no identity provider has the id ${id}`);
  }
  return {
    name: raw.name,
    ask: raw.ask,
    identityProviders: raw.identityProviders,
    when,
    grant: {
      accounts: raw.grant.accounts,
      role: raw.grant.role,
      maxDurationSeconds: raw.grant.maxDuration / 1000,
      roleMaxDurationSeconds: raw.grant.roleMaxDuration === undefined ? undefined : raw.grant.roleMaxDuration / 1000,
      require: {
        authnContext: raw.grant.require.authnContext,
        maxAuthenticationAgeMs: raw.grant.require.maxAuthenticationAge,
      },
      sourceIdentity: raw.grant.sourceIdentity,
      description: raw.grant.description,
      mode: raw.grant.mode,
      session: compileSession(raw.grant, `${path}.grant`, { presets: config.portal.sessionPolicies, problems }),
    },
  };
}

function compileCondition(raw: RawCondition, path: string, patterns: RegExp[], problems: string[]): Condition {
  const compile = (each: RawCondition, name: string) => compileCondition(each, `${path}.${name}`, patterns, problems);
  if ('group' in raw) return { kind: 'group', value: raw.group };
  if ('claim' in raw) {
    checkGrants(raw.claim, `${path}.claim`, problems);
    return { kind: 'claim', name: raw.claim, value: raw.value };
  }
  if ('any' in raw) return { kind: 'any', conditions: raw.any.map((each, i) => compile(each, `any[${i}]`)) };
  if ('all' in raw) return { kind: 'all', conditions: raw.all.map((each, i) => compile(each, `all[${i}]`)) };
  // What a negated pattern captures is nothing: its patterns do not count.
  if ('not' in raw) return { kind: 'not', condition: compileCondition(raw.not, `${path}.not`, [], problems) };
  try {
    // First by itself: `a)|(?:b` would close our group and shed the anchors.
    new RegExp(raw.groupPattern, 'u');
    const pattern = new RegExp(`^(?:${raw.groupPattern})$`, 'u');
    patterns.push(pattern);
    return { kind: 'groupPattern', pattern };
  } catch (error) {
    problems.push(`${path}.groupPattern: ${(error as Error).message}`);
    return { kind: 'any', conditions: [] };
  }
}

// Windows marks SIDs deny-only in a filtered token: they may take rights away and never give any. AD FS sends them as
// claims of their own (…/claims/denyonlysid and relatives).
function checkGrants(claim: string, path: string, problems: string[]): void {
  if (/\/denyonly[^/]*$/i.test(claim)) problems.push(`${path}: deny-only SIDs never grant anything`);
}

function groupNames(pattern: RegExp): string[] {
  return [...pattern.source.matchAll(/\(\?<(\w+)>/g)].map((match) => match[1]!);
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

function checkUnique(values: readonly string[], path: string, key: string, problems: string[]): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) < index) problems.push(`${path}[${index}].${key}: ${value} stands there twice`);
  });
}
