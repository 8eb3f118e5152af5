// Unusual values of a sign-in, where rights stay exact: lists joined into one value, values that look
// like those of a rule and are not, values that no pattern reads. Facts only; pages, commands and the log word them.
import { showsAlike } from '../invisible-characters.ts';
import { maxPatternLength } from './group-patterns.ts';
import { matchCondition } from './match.ts';
import type { Identity, Policy, Rule } from './model.ts';
import { indexOf } from './policy-index.ts';

export type IdentityHint =
  /** One value holds separators: the identity provider joins the groups. */
  | { readonly kind: 'joined'; readonly characters: number }
  /** Values that are too long for patterns. */
  | { readonly kind: 'too_long'; readonly values: number };

/** A rule does not hold, but would if the values were separate, or differed in nothing that a person can see. */
export type RuleHint = 'normal_form' | 'white_space' | 'joined';

export function identityHints({ groups }: Identity, policy: Policy): readonly IdentityHint[] {
  const joined = groups.find((value) => isJoined(value, groups.length === 1));
  const tooLong = indexOf(policy).readsPatterns ? groups.filter((value) => value.length > maxPatternLength).length : 0;
  return [
    ...(joined === undefined ? [] : [{ kind: 'joined', characters: joined.length } as const]),
    ...(tooLong === 0 ? [] : [{ kind: 'too_long', values: tooLong } as const]),
  ];
}

/** For the log and the terminal. */
export function hintText(hint: IdentityHint): string {
  return hint.kind === 'joined'
    ? `one value of ${hint.characters} characters holds ; or ,: does the identity provider join the groups?`
    : `${hint.values} of the groups: values over ${maxPatternLength} characters are not matched against patterns`;
}

// A distinguished name (RFC 4514) has commas, and sometimes semicolons between its own parts.
function isJoined(value: string, isOnly: boolean): boolean {
  const isDistinguishedName = /^\s*[A-Za-z][\w.-]*\s*=/.test(value);
  const separator = isDistinguishedName ? /[;|\n]\s*(?=cn\s*=|uid\s*=)/i : isOnly ? /[;,|\n\t]/ : /;/;
  return value.split(separator).filter((part) => part.trim() !== '').length > 1;
}

const variants: readonly (readonly [RuleHint, (value: string) => readonly string[]])[] = [
  ['normal_form', (value) => [value.normalize('NFC')]],
  ['normal_form', (value) => [value.normalize('NFD')]],
  ['white_space', (value) => [showsAlike(value)]],
  ['joined', (value) => value.split(/\s*[;,|]\s*|[\n\t]+/)],
  ['joined', (value) => value.split(/[\s;,|]+/)],
];

/** @param rule one that does not hold */
export function ruleHint(rule: Rule, identity: Identity, policy: Policy): RuleHint | undefined {
  const found = variants.find(([, vary]) => {
    const groups = identity.groups.flatMap(vary);
    const claims = Object.entries(identity.claims).map(([name, values]) => [name, values.flatMap(vary)] as const);
    const facts = indexOf(policy).factsOf({ ...identity, groups, claims: Object.fromEntries(claims) });
    return matchCondition(rule.when, facts).length > 0;
  });
  return found?.[0];
}
