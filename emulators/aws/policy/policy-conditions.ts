// Evaluates the Condition block of an IAM policy statement: operators, set qualifiers, IfExists, policy variables.
import { BlockList, isIP, isIPv4 } from 'node:net';
import { isRecord, listOf, wildcardMatches } from './policy-values.ts';

/** Condition keys in lower case, each with all its values. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;
/** `unknown`: an operator or a shape this evaluator does not know. */
export type ConditionOutcome = 'met' | 'unmet' | 'unknown';

interface Operator {
  readonly isNegated: boolean;
  matches(actual: string, expected: string): boolean;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { isNegated: false, matches: (actual, expected) => actual === unescapeWildcards(expected) },
  StringNotEquals: { isNegated: true, matches: (actual, expected) => actual === unescapeWildcards(expected) },
  StringEqualsIgnoreCase: { isNegated: false, matches: equalsIgnoringCase },
  StringNotEqualsIgnoreCase: { isNegated: true, matches: equalsIgnoringCase },
  StringLike: { isNegated: false, matches: isLike },
  StringNotLike: { isNegated: true, matches: isLike },
  Bool: { isNegated: false, matches: equalsIgnoringCase },
  IpAddress: { isNegated: false, matches: isWithinNetwork },
  NotIpAddress: { isNegated: true, matches: isWithinNetwork },
  ArnEquals: { isNegated: false, matches: isLikeArn },
  ArnLike: { isNegated: false, matches: isLikeArn },
  ArnNotEquals: { isNegated: true, matches: isLikeArn },
  ArnNotLike: { isNegated: true, matches: isLikeArn },
  NumericEquals: comparing(Number, (order) => order === 0),
  NumericNotEquals: { ...comparing(Number, (order) => order === 0), isNegated: true },
  NumericLessThan: comparing(Number, (order) => order < 0),
  NumericLessThanEquals: comparing(Number, (order) => order <= 0),
  NumericGreaterThan: comparing(Number, (order) => order > 0),
  NumericGreaterThanEquals: comparing(Number, (order) => order >= 0),
  DateEquals: comparing(instantOf, (order) => order === 0),
  DateNotEquals: { ...comparing(instantOf, (order) => order === 0), isNegated: true },
  DateLessThan: comparing(instantOf, (order) => order < 0),
  DateLessThanEquals: comparing(instantOf, (order) => order <= 0),
  DateGreaterThan: comparing(instantOf, (order) => order > 0),
  DateGreaterThanEquals: comparing(instantOf, (order) => order >= 0),
};

/** Every operator and every key in it has to hold. An absent block holds. */
export function evaluateConditions(block: unknown, context: ConditionContext): ConditionOutcome {
  if (block === undefined) return 'met';
  if (!isRecord(block)) return 'unknown';
  const outcomes: ConditionOutcome[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isRecord(keys)) return 'unknown';
    for (const [key, expected] of Object.entries(keys)) {
      outcomes.push(evaluateOne(operator, key.toLowerCase(), listOf(expected), context));
    }
  }
  if (outcomes.includes('unmet')) return 'unmet';
  return outcomes.includes('unknown') ? 'unknown' : 'met';
}

function evaluateOne(
  fullName: string,
  key: string,
  expectedValues: readonly unknown[],
  context: ConditionContext,
): ConditionOutcome {
  const parts = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(fullName);
  const [, qualifier, name = '', ifExists] = parts ?? [];
  const actual = context.get(key);
  if (!expectedValues.every((value) => ['string', 'boolean', 'number'].includes(typeof value))) return 'unknown';
  const expected = expectedValues.map(String);
  if (name === 'Null' && qualifier === undefined && ifExists === undefined) {
    return outcome(expected.some((value) => (value.toLowerCase() === 'true') === (actual === undefined)));
  }
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (operator === undefined) return 'unknown';
  if (actual === undefined || actual.length === 0) return outcome(holdsWithoutKey(operator, qualifier, ifExists));
  const filled = expected.map((value) => fillVariables(value, context)).filter((value) => value !== undefined);
  const holds = (value: string): boolean =>
    operator.isNegated !== filled.some((candidate) => operator.matches(value, candidate));
  // A negated operator without ForAnyValue has to hold for every value the key has.
  const needsAll = qualifier === 'ForAllValues' || (qualifier === undefined && operator.isNegated);
  return outcome(needsAll ? actual.every(holds) : actual.some(holds));
}

/** IAM: a missing key fails a positive operator, meets a negated one, ForAllValues and IfExists, and fails ForAnyValue. */
function holdsWithoutKey(operator: Operator, qualifier: string | undefined, ifExists: string | undefined): boolean {
  if (ifExists !== undefined || qualifier === 'ForAllValues') return true;
  return qualifier !== 'ForAnyValue' && operator.isNegated;
}

function outcome(isMet: boolean): ConditionOutcome {
  return isMet ? 'met' : 'unmet';
}

/** `${saml:sub}` and the like; a variable without a value makes the whole text match nothing. */
export function fillVariables(text: string, context: ConditionContext): string | undefined {
  let isComplete = true;
  const filled = text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (['*', '?', '$'].includes(name)) return whole;
    const value = context.get(name.toLowerCase())?.[0];
    if (value === undefined) isComplete = false;
    return (value ?? '').replace(/[*?$]/g, (sign) => `$\{${sign}}`);
  });
  return isComplete ? filled : undefined;
}

/** `${*}`, `${?}` and `${$}` mean the character itself. */
function unescapeWildcards(text: string): string {
  return text.replace(/\$\{([*?$])\}/g, '$1');
}

function equalsIgnoringCase(actual: string, expected: string): boolean {
  return actual.toLowerCase() === unescapeWildcards(expected).toLowerCase();
}

function isLike(actual: string, expected: string): boolean {
  return wildcardMatches(expected, actual);
}

/** IAM matches the six parts of an ARN one by one: a wildcard never reaches over a colon. */
function isLikeArn(actual: string, expected: string): boolean {
  const parts = (arn: string): string[] => {
    const split = arn.split(':');
    return [...split.slice(0, 5), split.slice(5).join(':')];
  };
  const wanted = parts(expected);
  return parts(actual).every((part, index) => wildcardMatches(wanted[index] ?? '', part));
}

/** A value that is not a number or a date never matches. */
function comparing(read: (text: string) => number, holds: (order: number) => boolean): Operator {
  return { isNegated: false, matches: (actual, expected) => holds(read(actual) - read(expected)) };
}

/** ISO 8601, or seconds since 1970. */
function instantOf(text: string): number {
  return /^[0-9]+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isWithinNetwork(actual: string, expected: string): boolean {
  const [network = '', bits] = expected.split('/');
  if (isIP(actual) === 0 || isIP(network) === 0 || isIP(actual) !== isIP(network)) return false;
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  const longest = family === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > longest) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(actual, family);
}
