// Evaluates a role's trust policy for a federated caller (A20, A21). What it cannot read never allows.
import { type ConditionContext, evaluateConditions } from './policy-conditions.ts';
import { isRecord, listOf, wildcardMatches } from './policy-values.ts';

/** One question to a trust policy. */
export interface TrustQuestion {
  /** ARN of the SAML provider. */
  readonly federatedPrincipal: string;
  readonly action: string;
  /** Lower-case condition keys. */
  readonly context: ConditionContext;
}

const KNOWN_ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition'];

/** Whether the policy allows: at least one Allow matches and no Deny does. */
export function trustPolicyAllows(policy: unknown, question: TrustQuestion): boolean {
  const document = isRecord(policy) ? policy : {};
  const statements = listOf(document['Statement']);
  if (statements.length === 0 || !statements.every(isRecord)) return false;
  const isDenied = statements.some((statement) => statement['Effect'] === 'Deny' && denies(statement, question));
  return !isDenied && statements.some((statement) => statement['Effect'] === 'Allow' && allows(statement, question));
}

function allows(statement: Readonly<Record<string, unknown>>, question: TrustQuestion): boolean {
  // IAM refuses to store a trust policy with a Resource or an element it does not know.
  if (!Object.keys(statement).every((name) => KNOWN_ELEMENTS.includes(name))) return false;
  const principal = statement['Principal'];
  // Stricter than IAM: a wildcard principal lets nobody in here, the provider has to be named.
  const isNamed = isRecord(principal) && listOf(principal['Federated']).includes(question.federatedPrincipal);
  if (!isNamed || 'NotPrincipal' in statement || !actionMatches(statement, question.action)) return false;
  return evaluateConditions(statement['Condition'], question.context) === 'met';
}

/** A Deny whose condition cannot be read denies. */
function denies(statement: Readonly<Record<string, unknown>>, question: TrustQuestion): boolean {
  if (!deniesPrincipal(statement, question.federatedPrincipal)) return false;
  if (!actionMatches(statement, question.action)) return false;
  return evaluateConditions(statement['Condition'], question.context) !== 'unmet';
}

function deniesPrincipal(statement: Readonly<Record<string, unknown>>, provider: string): boolean {
  if ('NotPrincipal' in statement) return !principalIncludes(statement['NotPrincipal'], provider);
  return principalIncludes(statement['Principal'], provider);
}

function principalIncludes(principal: unknown, provider: string): boolean {
  if (principal === '*') return true;
  if (!isRecord(principal)) return false;
  const federated = listOf(principal['Federated']);
  return federated.includes(provider) || federated.includes('*') || listOf(principal['AWS']).includes('*');
}

function actionMatches(statement: Readonly<Record<string, unknown>>, action: string): boolean {
  const matches = (pattern: unknown): boolean => typeof pattern === 'string' && wildcardMatches(pattern, action, true);
  if ('Action' in statement) return listOf(statement['Action']).some(matches);
  return 'NotAction' in statement && !listOf(statement['NotAction']).some(matches);
}
