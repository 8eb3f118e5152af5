// Evaluates a role's trust policy for a federated or a signed caller (A20, A21, B1, B6). What it cannot read never allows.
import { type ConditionContext, evaluateConditions } from './policy-conditions.ts';
import { isRecord, listOf, wildcardMatches } from './policy-values.ts';

/** One question to a trust policy: exactly one of the two kinds of caller. */
export interface TrustQuestion {
  /** ARN of the SAML or OpenID Connect provider. */
  readonly federatedPrincipal?: string;
  /** ARNs that a trust policy may use to name a signed caller: the session, and the role or user behind it. */
  readonly callerNames?: readonly string[];
  readonly action: string;
  /** Lower-case condition keys. */
  readonly context: ConditionContext;
}

/** `by-account`: the policy trusts the caller's account, so the account's own policies have to allow it as well. */
export type TrustVerdict = 'denied' | 'silent' | 'by-account' | 'by-name';

const KNOWN_ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Condition'];
type Statement = Readonly<Record<string, unknown>>;

/** Whether the policy lets a federated caller in: at least one Allow matches and no Deny does. */
export function trustPolicyAllows(policy: unknown, question: TrustQuestion): boolean {
  return judgeTrust(policy, question) === 'by-name';
}

/** What the policy says of a caller. */
export function judgeTrust(policy: unknown, question: TrustQuestion): TrustVerdict {
  const document = isRecord(policy) ? policy : {};
  const statements = listOf(document['Statement']);
  if (statements.length === 0 || !statements.every(isRecord)) return 'silent';
  const withEffect = (effect: string): Statement[] => statements.filter((one) => one['Effect'] === effect);
  if (withEffect('Deny').some((statement) => denies(statement, question))) return 'denied';
  const ways = withEffect('Allow').map((statement) => allows(statement, question));
  return ways.find((way) => way === 'by-name') ?? ways.find((way) => way === 'by-account') ?? 'silent';
}

function allows(statement: Statement, question: TrustQuestion): TrustVerdict {
  // IAM refuses to store a trust policy with a Resource or an element it does not know.
  if (!Object.keys(statement).every((name) => KNOWN_ELEMENTS.includes(name))) return 'silent';
  const way = 'NotPrincipal' in statement ? 'silent' : trusts(statement['Principal'], question);
  if (!actionMatches(statement, question.action)) return 'silent';
  return evaluateConditions(statement['Condition'], question.context) === 'met' ? way : 'silent';
}

/** Stricter than IAM: a wildcard lets no federated caller in, and a signed one only where its own policies do. */
function trusts(principal: unknown, { federatedPrincipal, callerNames }: TrustQuestion): TrustVerdict {
  if (callerNames === undefined) {
    return isRecord(principal) && listOf(principal['Federated']).includes(federatedPrincipal) ? 'by-name' : 'silent';
  }
  const named = principal === '*' ? ['*'] : listOf(isRecord(principal) ? principal['AWS'] : undefined);
  if (callerNames.some((name) => named.includes(name))) return 'by-name';
  return accountNames(callerNames).some((name) => named.includes(name)) ? 'by-account' : 'silent';
}

/** The ways to write "anybody in this account whom the account lets": its root's ARN, its id, and the wildcard. */
function accountNames(callerNames: readonly string[]): string[] {
  const [, partition, , , account] = callerNames[0]?.split(':') ?? [];
  return [`arn:${partition}:iam::${account}:root`, String(account), '*'];
}

/** A Deny whose condition cannot be read denies. */
function denies(statement: Statement, question: TrustQuestion): boolean {
  const isMeant =
    'NotPrincipal' in statement
      ? !isNamed(statement['NotPrincipal'], question)
      : isNamed(statement['Principal'], question);
  if (!isMeant || !actionMatches(statement, question.action)) return false;
  return evaluateConditions(statement['Condition'], question.context) !== 'unmet';
}

function isNamed(principal: unknown, { federatedPrincipal, callerNames }: TrustQuestion): boolean {
  if (principal === '*') return true;
  if (!isRecord(principal)) return false;
  const aws = listOf(principal['AWS']);
  if (aws.includes('*')) return true;
  if (callerNames !== undefined)
    return [...callerNames, ...accountNames(callerNames)].some((name) => aws.includes(name));
  const federated = listOf(principal['Federated']);
  return federated.includes(federatedPrincipal) || federated.includes('*');
}

function actionMatches(statement: Statement, action: string): boolean {
  const matches = (pattern: unknown): boolean => typeof pattern === 'string' && wildcardMatches(pattern, action, true);
  if ('Action' in statement) return listOf(statement['Action']).some(matches);
  return 'NotAction' in statement && !listOf(statement['NotAction']).some(matches);
}
