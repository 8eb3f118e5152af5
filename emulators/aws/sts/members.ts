// The members of a Query request: reading them and rows T2 to T4, the constraints of the service model.
import { AwsError, validationError } from '../errors.ts';

/** A constraint of the service model on one member. Policy and PolicyArns are judged later, by A23. */
export interface MemberRule {
  /** Wire name, e.g. `RoleArn`. */
  readonly name: string;
  readonly isRequired?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The expression, and how the service spells it in its message. */
  readonly pattern?: { readonly regExp: RegExp; readonly shown: string };
  readonly minValue?: number;
  readonly maxValue?: number;
  /** Its value never appears in a message. */
  readonly isSensitive?: boolean;
}

/** The parameters of one call. */
export type Params = ReadonlyMap<string, string>;

/** T2-T4: collects every broken constraint into one message. @throws AwsError ValidationError m14 */
export function checkMembers(params: Params, rules: readonly MemberRule[]): void {
  refuseProblems(rules.flatMap((rule) => problemsOf(params, rule)));
}

/** @throws AwsError ValidationError m14 when there are any */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const noun = problems.length === 1 ? 'error' : 'errors';
  throw validationError(`${problems.length} validation ${noun} detected: ${problems.join('; ')}`);
}

function problemsOf(params: Params, rule: MemberRule): string[] {
  const member = lowerCamel(rule.name);
  const value = params.get(rule.name);
  if (value !== undefined) return valueProblems(member, value, rule);
  if (rule.isRequired !== true) return [];
  return [`Value null at '${member}' failed to satisfy constraint: Member must not be null`];
}

/** The problems of one value, in the words of the service; `path` is the position of the value. */
export function valueProblems(path: string, value: string, rule: Omit<MemberRule, 'name'>): string[] {
  const shown = rule.isSensitive === true ? 'Value' : `Value '${value}'`;
  return constraintsBroken(value, rule).map(
    (constraint) => `${shown} at '${path}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function constraintsBroken(value: string, rule: Omit<MemberRule, 'name'>): string[] {
  const broken: string[] = [];
  const { minLength, maxLength, minValue, maxValue } = rule;
  if (maxLength !== undefined && value.length > maxLength)
    broken.push(`have length less than or equal to ${maxLength}`);
  if (minLength !== undefined && value.length < minLength) {
    broken.push(`have length greater than or equal to ${minLength}`);
  }
  if (rule.pattern !== undefined && !rule.pattern.regExp.test(value)) {
    broken.push(`satisfy regular expression pattern: ${rule.pattern.shown}`);
  }
  if (minValue === undefined && maxValue === undefined) return broken;
  const number = /^-?[0-9]{1,10}$/.test(value) ? Number(value) : undefined;
  if (number === undefined) broken.push('be an integer');
  else if (maxValue !== undefined && number > maxValue) broken.push(`have value less than or equal to ${maxValue}`);
  else if (minValue !== undefined && number < minValue) broken.push(`have value greater than or equal to ${minValue}`);
  return broken;
}

/** The service writes `sAMLAssertion`: only the first letter changes. */
function lowerCamel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `NAME.member.N.FIELD`, or `NAME.member.N` without a field, in the order of N. @throws AwsError when the numbers do not run 1, 2, 3 ... */
export function listMembers(params: Params, name: string, field?: string): string[] {
  const ending = field === undefined ? '' : `\\.${field}`;
  const pattern = new RegExp(`^${name}\\.member\\.([0-9]{1,4})${ending}$`);
  const found: [number, string][] = [];
  for (const [key, value] of params) {
    const match = pattern.exec(key);
    if (match !== null) found.push([Number(match[1]), value]);
  }
  found.sort(([a], [b]) => a - b);
  if (found.some(([number], index) => number !== index + 1)) {
    throw new AwsError(400, 'MalformedInput', `Members of ${name} must be numbered from 1 without gaps`);
  }
  return found.map(([, value]) => value);
}
