// Does a condition hold for a person, and what did its pattern capture.
import type { Condition, Identity } from './model.ts';

/** Values captured by a groupPattern, by name. */
export type Captures = Readonly<Record<string, string>>;

/** AD limits a group's name to 256 characters: nothing longer is tried against a pattern. */
const maxGroupLength = 256;

/** One entry for each way in which the condition holds; none if it does not. */
export function matchCondition(condition: Condition, identity: Identity): readonly Captures[] {
  switch (condition.kind) {
    case 'group':
      return holds(identity.groups.includes(condition.value));
    case 'groupPattern':
      return identity.groups.flatMap((group) => capture(condition.pattern, group));
    case 'claim':
      return holds(valuesOf(identity, condition.name).includes(condition.value));
    case 'any':
      return condition.conditions.flatMap((each) => matchCondition(each, identity));
    case 'all':
      return condition.conditions.reduce<readonly Captures[]>(
        (sofar, each) => (sofar.length === 0 ? sofar : combine(sofar, matchCondition(each, identity))),
        [{}],
      );
    case 'not':
      return holds(matchCondition(condition.condition, identity).length === 0);
  }
}

function holds(condition: boolean): readonly Captures[] {
  return condition ? [{}] : [];
}

function capture(pattern: RegExp, group: string): readonly Captures[] {
  const match = group.length <= maxGroupLength ? pattern.exec(group) : null;
  return match ? [{ ...match.groups }] : [];
}

function valuesOf(identity: Identity, claim: string): readonly string[] {
  return Object.hasOwn(identity.claims, claim) ? identity.claims[claim]! : [];
}

// The configuration allows one capturing pattern in a rule, so one side is always without captures and this is linear.
function combine(left: readonly Captures[], right: readonly Captures[]): readonly Captures[] {
  return left.flatMap((a) => right.map((b) => ({ ...a, ...b })));
}
