// What every decision looks up in a policy, compiled once: accounts by name, rules by the facts they need, and decisions
// that are still valid.
import { holdsInvisible } from '../invisible-characters.ts';
import { createPatternMatcher } from './group-patterns.ts';
import type { IdentityFacts } from './match.ts';
import type { Account, Condition, EligibleRole, Identity, Policy, Rule } from './model.ts';

export interface PolicyIndex {
  /** By id and by alias. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** Place of an account in the policy, by id. */
  readonly order: ReadonlyMap<string, number>;
  readonly decisions: DecisionCache;
  /** Whether some rule looks at the address of a request. */
  readonly readsAddress: boolean;
  /** Whether some rule has a pattern. */
  readonly readsPatterns: boolean;
  /** What a rule grants to each person for whom it holds, as it is found. */
  readonly fixedRoles: Map<Rule, readonly EligibleRole[]>;
  factsOf(identity: Identity): IdentityFacts;
  /** The rules that can hold for such a person, in the order of the policy; the others cannot. */
  candidates(facts: IdentityFacts): Rule[];
}

const indexes = new WeakMap<Policy, PolicyIndex>();

/** The index of a policy, which nothing changes: another policy is another object. */
export function indexOf(policy: Policy): PolicyIndex {
  const index = indexes.get(policy) ?? createIndex(policy);
  indexes.set(policy, index);
  return index;
}

/** By id and by alias. */
export function accountIndex(accounts: readonly Account[]): ReadonlyMap<string, Account> {
  return new Map(accounts.flatMap((account) => [[account.id, account] as const, [account.alias, account] as const]));
}

function createIndex({ accounts, rules }: Policy): PolicyIndex {
  const byGroup = new Map<string, number[]>();
  const byPattern = new Map<string, number[]>();
  const byClaim = new Map<string, Map<string, number[]>>();
  const always: number[] = [];
  rules.forEach(({ when }, index) => {
    const needed = neededFacts(when);
    if (!needed) always.push(index);
    for (const fact of needed ?? []) {
      if (fact.kind === 'group') listAt(byGroup, fact.value).push(index);
      else if (fact.kind === 'groupPattern') listAt(byPattern, fact.pattern).push(index);
      else {
        const values = byClaim.get(fact.name) ?? new Map<string, number[]>();
        byClaim.set(fact.name, values);
        listAt(values, fact.value).push(index);
      }
    }
  });
  const patterns = rules.flatMap(({ when }) => leaves(when).flatMap((leaf) => ('pattern' in leaf ? leaf.pattern : [])));
  const matchPatterns = createPatternMatcher([...new Set(patterns)]);
  return {
    accounts: accountIndex(accounts),
    order: new Map(accounts.map((account, index) => [account.id, index])),
    decisions: createDecisionCache(),
    readsAddress: rules.some(({ grant }) => grant.require.networks !== undefined),
    readsPatterns: patterns.length > 0,
    fixedRoles: new Map(),
    factsOf: ({ groups, claims }) => {
      // A group that looks like another one never matches, whatever a pattern says.
      const visible = groups.filter((group) => !holdsInvisible(group));
      return { groups: new Set(visible), claims, patterns: matchPatterns(visible) };
    },
    candidates: (facts) => {
      const found = new Set(always);
      const addAll = (indexes: readonly number[] = []) => {
        for (const index of indexes) found.add(index);
      };
      for (const group of facts.groups) addAll(byGroup.get(group));
      for (const pattern of facts.patterns.keys()) addAll(byPattern.get(pattern));
      for (const [name, values] of byClaim)
        if (Object.hasOwn(facts.claims, name)) for (const value of facts.claims[name]!) addAll(values.get(value));
      return [...found].sort((a, b) => a - b).map((index) => rules[index]!);
    },
  };
}

function listAt(lists: Map<string, number[]>, key: string): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** The condition holds only if one of these facts is there; undefined: it can hold without any. */
function neededFacts(condition: Condition): readonly Leaf[] | undefined {
  switch (condition.kind) {
    case 'any': {
      const parts = condition.conditions.map(neededFacts);
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'all': {
      // All of them have to hold, so each of them will do: the one with the fewest facts.
      const parts = condition.conditions.map(neededFacts).filter((part) => part !== undefined);
      return parts.sort((a, b) => a.length - b.length)[0];
    }
    case 'not':
      return undefined;
    default:
      return [condition];
  }
}

type Leaf = Extract<Condition, { kind: 'group' | 'groupPattern' | 'claim' }>;

function leaves(condition: Condition): readonly Leaf[] {
  switch (condition.kind) {
    case 'any':
    case 'all':
      return condition.conditions.flatMap(leaves);
    case 'not':
      return leaves(condition.condition);
    default:
      return [condition];
  }
}

/** The roles of one session. */
interface Decision {
  readonly roles: readonly EligibleRole[];
  /** Milliseconds since 1970: time changes nothing between the two. */
  readonly from: number;
  readonly until: number;
}

interface DecisionCache {
  read(session: string, now: Date): Decision | undefined;
  write(session: string, decision: Decision): void;
}

/** Bounds the memory: a role takes about 300 bytes, an entry without roles about as much. */
const maxCachedRoles = 20_000;

/** The least recently used decision makes room. */
function createDecisionCache(): DecisionCache {
  const decisions = new Map<string, Decision>();
  let size = 0;
  const remove = (session: string) => {
    const decision = decisions.get(session);
    if (decision) size -= decision.roles.length + 1;
    decisions.delete(session);
  };
  return {
    read: (session, now) => {
      const decision = decisions.get(session);
      if (!decision || now.getTime() < decision.from || now.getTime() > decision.until) return undefined;
      decisions.delete(session);
      decisions.set(session, decision);
      return decision;
    },
    write: (session, decision) => {
      remove(session);
      decisions.set(session, decision);
      size += decision.roles.length + 1;
      for (const oldest of decisions.keys()) {
        if (size <= maxCachedRoles) break;
        remove(oldest);
      }
    },
  };
}
