// Does a condition hold for a person, and what did its pattern capture.
import type { PatternMatches } from './group-patterns.ts';
import type { Condition, Identity } from './model.ts';

/** Values captured by a groupPattern, by name. */
export type Captures = Readonly<Record<string, string>>;

/** What conditions look up about one person. */
export interface IdentityFacts {
  readonly groups: ReadonlySet<string>;
  readonly claims: Identity['claims'];
  readonly patterns: PatternMatches;
}

/** One entry for each way in which the condition holds; none if it does not. */
export function matchCondition(condition: Condition, facts: IdentityFacts): readonly Captures[] {
  switch (condition.kind) {
    case 'group':
      return holds(facts.groups.has(condition.value));
    case 'groupPattern':
      return facts.patterns.get(condition.pattern) ?? [];
    case 'claim': {
      const { name, value } = condition;
      return holds(Object.hasOwn(facts.claims, name) && facts.claims[name]!.includes(value));
    }
    case 'any':
      return condition.conditions.flatMap((each) => matchCondition(each, facts));
    case 'all':
      // The configuration allows one capturing pattern in a rule, so one side is always without captures: this is linear.
      return condition.conditions.reduce<readonly Captures[]>(
        (sofar, each) => {
          if (sofar.length === 0) return sofar;
          const ways = matchCondition(each, facts);
          return sofar.flatMap((a) => ways.map((b) => ({ ...a, ...b })));
        },
        [{}],
      );
    case 'not':
      return holds(matchCondition(condition.condition, facts).length === 0);
  }
}

function holds(condition: boolean): readonly Captures[] {
  return condition ? [{}] : [];
}
