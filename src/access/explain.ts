// Why a person has a role, or not: for each rule its grant, or the missing conditions. Facts only, without wording.
import { formatNetwork } from '../networks.ts';
import { isDenied } from './denied.ts';
import { type RuleHint, ruleHint } from './identity-hints.ts';
import { type IdentityFacts, matchCondition } from './match.ts';
import type { Account, Condition, EligibleRole, Identity, Policy, Rule } from './model.ts';
import { indexOf } from './policy-index.ts';
import { isFromNetwork, isTrusted, mergeRoles, modeOf, rolesOfRule } from './resolve.ts';

export interface RuleExplanation {
  readonly rule: string;
  /** Whom to ask, in the administrators' words. */
  readonly ask: string | undefined;
  readonly description: string | undefined;
  readonly roles: readonly EligibleRole[];
  /** Undefined if it gave roles. */
  readonly because: WhyNot | undefined;
  /** What would make it hold, where the difference is hard to see. */
  readonly hint: RuleHint | undefined;
  /** Where requests have to come from, such as 10.0.0.0/8; undefined: from everywhere. */
  readonly networks: readonly string[] | undefined;
  /** What the rule gives to those for whom it holds. */
  readonly offers: Offer;
}

export interface Offer {
  /** Undefined where a group's name says which. */
  readonly role: string | undefined;
  readonly accounts: readonly Account[];
  /** Whether a group's name says which account. */
  readonly anyAccount: boolean;
}

export type WhyNot =
  /** The person has a group with a name that is easily mistaken for the required one. */
  | { readonly kind: 'near_miss'; readonly misses: readonly NearMiss[] }
  /** One of these would do, as far as groups go. */
  | { readonly kind: 'group'; readonly groups: readonly string[] }
  /** The person has one of the groups, but other conditions of the rule fail. Names the known ones. */
  | {
      readonly kind: 'more';
      readonly has: string;
      readonly groups: readonly string[];
      readonly claims: readonly Claim[];
    }
  | { readonly kind: 'pattern' }
  /** The rule does not take the word of the identity provider that the person signed in at. */
  | { readonly kind: 'identity_provider' }
  /** The rule holds, but the identity provider's response to AWS does not name the role. */
  | { readonly kind: 'not_forwarded' }
  | { readonly kind: 'claim'; readonly claims: readonly Claim[] }
  /** The person or one of their groups is on the deny-list. */
  | { readonly kind: 'denied' }
  /** The rule holds, but not for requests from this address. */
  | { readonly kind: 'network'; readonly address: string }
  /** The rule excludes something that the person has. It is not named: the exclusion list may be confidential. */
  | { readonly kind: 'excluded' };

interface NearMiss {
  readonly wanted: string;
  readonly has: string;
}

export interface Claim {
  readonly name: string;
  readonly value: string;
}

/**
 * One explanation for each rule of the policy, in its order.
 * @param address of the request; undefined: as if it came from each rule's network
 */
export function explainRules(identity: Identity, policy: Policy, now: Date, address?: string): RuleExplanation[] {
  const index = indexOf(policy);
  const facts = index.factsOf(identity);
  const isRefused = isDenied(identity, policy.deny);
  return policy.rules.map((rule) => {
    const granted = isRefused ? [] : mergeRoles(rolesOfRule(rule, identity, facts, policy, now), index);
    const isElsewhere = granted.length > 0 && address !== undefined && !isFromNetwork(rule, address);
    const roles = isElsewhere ? [] : granted;
    const because = isElsewhere
      ? ({ kind: 'network', address } as const)
      : roles.length > 0
        ? undefined
        : isRefused
          ? ({ kind: 'denied' } as const)
          : whyNot(rule, identity, facts, policy);
    return {
      rule: rule.name,
      ask: rule.ask,
      description: rule.grant.description,
      roles,
      because,
      hint: because && isOfValues(because) ? ruleHint(rule, identity, policy) : undefined,
      networks: rule.grant.require.networks?.map(formatNetwork),
      offers: offerOf(rule, policy),
    };
  });
}

/** Whether another value would make the rule hold. */
function isOfValues({ kind }: WhyNot): boolean {
  return ['near_miss', 'group', 'more', 'pattern', 'claim'].includes(kind);
}

/** Whether the rule can give a role, or a role in an account, in whose names these words stand. Empty words fit all. */
export function concerns({ offers, roles }: RuleExplanation, filter: { role: string; account: string }): boolean {
  const [role, account] = [plain(filter.role.trim()), plain(filter.account.trim())];
  const inRole = offers.role === undefined || plain(offers.role).includes(role);
  if (roles.length > 0)
    return roles.some(({ account: own, roleName, roleArn }) => {
      const isRole = plain(roleName).includes(role) || roleArn.toLowerCase() === role;
      return isRole && namesOf(own, account);
    });
  return inRole && (account === '' || offers.anyAccount || offers.accounts.some((each) => namesOf(each, account)));
}

function namesOf({ id, alias, name }: Account, words: string): boolean {
  return [id, alias, name].some((each) => plain(each).includes(words));
}

/** As the search of roles compares: letters count as they look, composed or not. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function offerOf({ grant }: Rule, policy: Policy): Offer {
  const found = grant.accounts.flatMap((reference) => indexOf(policy).accounts.get(reference) ?? []);
  const isOpen = (template: string) => template.includes('{');
  return {
    role: isOpen(grant.role) ? undefined : grant.role,
    accounts: [...new Set(found)],
    anyAccount: grant.accounts.some(isOpen),
  };
}

function whyNot(rule: Rule, identity: Identity, facts: IdentityFacts, policy: Policy): WhyNot {
  if (!isTrusted(rule, identity)) return { kind: 'identity_provider' };
  const { accounts, anyAccount } = offerOf(rule, policy);
  const offered = anyAccount ? policy.accounts : accounts;
  const isForwarded = offered.some((account) => modeOf(rule, account, policy) === 'forward');
  if (isForwarded && matchCondition(rule.when, facts).length > 0) return { kind: 'not_forwarded' };
  const parts = leaves(rule.when);
  const wanted = parts.flatMap((part) => (part.kind === 'group' ? [part.value] : []));
  const misses = wanted.flatMap((value) => nearMiss(value, identity.groups) ?? []);
  if (misses.length > 0) return { kind: 'near_miss', misses };
  const claims = parts.flatMap((part) => (part.kind === 'claim' ? [{ name: part.name, value: part.value }] : []));
  const has = wanted.find((value) => identity.groups.includes(value));
  if (has !== undefined) {
    const isMissing = (part: Condition) => matchCondition(part, facts).length === 0;
    return {
      kind: 'more',
      has,
      groups: wanted.filter((value) => isMissing({ kind: 'group', value })),
      claims: claims.filter((claim) => isMissing({ kind: 'claim', ...claim })),
    };
  }
  if (wanted.length > 0) return { kind: 'group', groups: wanted };
  if (parts.some(({ kind }) => kind === 'groupPattern')) return { kind: 'pattern' };
  return claims.length > 0 ? { kind: 'claim', claims } : { kind: 'excluded' };
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
function nearMiss(wanted: string, groups: readonly string[]): NearMiss | undefined {
  const bare = (name: string) => name.slice(name.lastIndexOf('\\') + 1).toLowerCase();
  if (groups.includes(wanted)) return undefined;
  const has = groups.find((group) => bare(group) === bare(wanted));
  return has === undefined ? undefined : { wanted, has };
}
