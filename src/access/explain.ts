// Why a person has a role, or not: for each rule what it gave, or which group came close.
import type { Condition, EligibleRole, Identity, Policy, Rule } from './model.ts';
import { resolveRoles } from './resolve.ts';

export interface RuleExplanation {
  readonly rule: string;
  readonly roles: readonly EligibleRole[];
  /** Why the rule gave nothing, in one sentence; undefined if it gave roles. */
  readonly because: string | undefined;
}

/** One explanation for each rule of the policy, in its order. */
export function explainRules(identity: Identity, policy: Policy, now: Date): RuleExplanation[] {
  return policy.rules.map((rule) => {
    const roles = resolveRoles(identity, { ...policy, rules: [rule] }, now);
    return { rule: rule.name, roles, because: roles.length > 0 ? undefined : whyNot(rule, identity) };
  });
}

function whyNot(rule: Rule, identity: Identity): string {
  const wanted = exactGroups(rule.when);
  const near = wanted.flatMap((value) => nearMiss(value, identity.groups) ?? []);
  if (near.length > 0) return near.join('; ');
  const has = wanted.some((value) => identity.groups.includes(value));
  if (has) return 'the group is there, but another condition of the rule is not met or no listed account fits';
  if (wanted.length > 0) return `needs the group ${wanted.map((value) => `"${value}"`).join(' or ')}`;
  const parts = leaves(rule.when);
  if (parts.some(({ kind }) => kind === 'groupPattern')) {
    return 'no group fits its pattern together with a listed account';
  }
  const claims = parts.flatMap((part) => (part.kind === 'claim' ? [part] : []));
  if (claims.length === 0) return 'something is there that the rule excludes';
  return `needs ${claims.map(({ name, value }) => `the claim ${name} with the value "${value}"`).join(' or ')}`;
}

function exactGroups(condition: Condition): readonly string[] {
  return leaves(condition).flatMap((part) => (part.kind === 'group' ? [part.value] : []));
}

/** The conditions that speak of what a person needs; what they must not have is left out. */
function leaves(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'any':
    case 'all':
      return condition.conditions.flatMap(leaves);
    case 'not':
      return [];
    default:
      return [condition];
  }
}

// Groups match exactly. The usual mistakes are case, and a name with and without its domain.
function nearMiss(wanted: string, groups: readonly string[]): string | undefined {
  const bare = (name: string) => name.slice(name.lastIndexOf('\\') + 1).toLowerCase();
  const close = groups.find((group) => group !== wanted && bare(group) === bare(wanted));
  return close === undefined
    ? undefined
    : `needs the group "${wanted}"; the person has "${close}", which is not the same`;
}
