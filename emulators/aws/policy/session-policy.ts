// Rows A23 and A24: session policies passed with the call, and the packed size they share with the session tags.
import { AwsError, validationError } from '../errors.ts';
import { isRecord, listOf } from './policy-values.ts';

/** The session policies that a session token carries. */
export interface SessionPolicies {
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

const MAX_PLAINTEXT = 2048;
const MAX_ARNS = 10;

/** A23. @throws AwsError ValidationError m14, MalformedPolicyDocument m18 */
export function checkSessionPolicies(policies: SessionPolicies, account: { partition: string; id: string }): void {
  const { policy, policyArns } = policies;
  if (policyArns.length > MAX_ARNS) throw tooLong(`[${policyArns.join(', ')}]`, 'policyArns', MAX_ARNS);
  const plaintext = (policy ?? '') + policyArns.join('');
  if (plaintext.length > MAX_PLAINTEXT) throw tooLong(policy ?? '', 'policy', MAX_PLAINTEXT);
  for (const arn of policyArns) {
    const isOwn = arn.startsWith(`arn:${account.partition}:iam::${account.id}:policy/`);
    if (!isOwn && !arn.startsWith(`arn:${account.partition}:iam::aws:policy/`)) {
      throw validationError(`ARN ${arn} is not valid.`);
    }
  }
  if (policy !== undefined) checkPolicyDocument(policy);
}

/**
 * A24: percent of the allotted space, by the model of the specification (bytes without white space over 2048).
 * @returns undefined when neither policy nor tags were passed. @throws AwsError m16, m17
 */
export function packedPolicySize(
  policies: SessionPolicies,
  tags: readonly (readonly [string, string])[],
): number | undefined {
  if (policies.policy === undefined && policies.policyArns.length === 0 && tags.length === 0) return undefined;
  const texts = [...tags.flat(), ...policies.policyArns, policies.policy ?? ''];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text.replace(/\s+/g, '')), 0);
  const percent = Math.ceil((bytes / MAX_PLAINTEXT) * 100);
  if (percent <= 100) return percent;
  const message =
    tags.length > 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`;
  throw new AwsError(400, 'PackedPolicyTooLarge', message);
}

/** @throws AwsError MalformedPolicyDocument */
export function checkPolicyDocument(text: string): void {
  const document = parseJson(text);
  const statements = listOf(document['Statement']);
  const version = document['Version'];
  const isKnownVersion = version === undefined || version === '2012-10-17' || version === '2008-10-17';
  if (!isKnownVersion || statements.length === 0) throw malformed('Syntax errors in policy.');
  for (const statement of statements) checkStatement(statement);
}

function checkStatement(statement: unknown): void {
  if (!isRecord(statement)) throw malformed('Syntax errors in policy.');
  if ('Principal' in statement || 'NotPrincipal' in statement) {
    throw malformed('Policy document should not specify a principal.');
  }
  const known = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];
  const isWhole =
    Object.keys(statement).every((name) => known.includes(name)) &&
    (statement['Effect'] === 'Allow' || statement['Effect'] === 'Deny') &&
    'Action' in statement !== 'NotAction' in statement &&
    'Resource' in statement !== 'NotResource' in statement;
  if (!isWhole) throw malformed('Syntax errors in policy.');
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  const first = text.trimStart().charAt(0);
  if (!/^["[{0-9tfn-]$/.test(first)) {
    const code = first.codePointAt(0) ?? 0;
    throw malformed(
      `Unexpected character ('${first}' (code ${code})): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
    );
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw malformed('Syntax errors in policy.');
}

function malformed(message: string): AwsError {
  return new AwsError(400, 'MalformedPolicyDocument', message);
}

function tooLong(value: string, member: string, limit: number): AwsError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  );
}
