// What credentials may do: the identity policies of their role or user, narrowed by the session policies they were made
// with. What it cannot read never allows; a Deny it cannot read denies. Knows no resource policies and no boundaries.
import { principalContext } from '../sts/caller.ts';
import type { IssuedCredentials, Principal } from '../sts/credentials.ts';
import { userOf, type World } from '../world.ts';
import { type ConditionContext, evaluateConditions, fillVariables } from './policy-conditions.ts';
import { isRecord, listOf, wildcardMatches } from './policy-values.ts';

/** One question to the policies of a caller. */
export interface PermissionQuestion {
  readonly action: string;
  readonly resource: string;
  /** Lower-case condition keys beside those of the session itself. */
  readonly context?: ConditionContext;
}

type Answer = 'allow' | 'deny' | 'silent';

const ALL = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
const READ = { Statement: { Effect: 'Allow', Action: ['*:Get*', '*:List*', '*:Describe*'], Resource: '*' } };
const S3_READ = { Statement: { Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: '*' } };
/** The few AWS managed policies that a caller may pass by ARN; any other allows nothing. */
const MANAGED = new Map<string, unknown>([
  ['AdministratorAccess', ALL],
  ['ReadOnlyAccess', READ],
  ['AmazonS3ReadOnlyAccess', S3_READ],
]);

/** What the two kinds of a caller's own policies say, each for itself. */
export function judgePermission(
  world: World,
  { principal }: IssuedCredentials,
  question: PermissionQuestion,
): { identity: Answer; session: Answer } {
  const context = new Map([...principalContext(world, principal, world.now()), ...(question.context ?? [])]);
  const ask = (policies: readonly unknown[]): Answer => judge(policies, { ...question, context });
  const passed = sessionPolicies(principal);
  return {
    identity: ask(identityPolicies(world, principal)),
    session: passed === undefined ? 'allow' : ask(passed),
  };
}

/**
 * Why the caller may not, in the words with which AWS ends an AccessDenied message; undefined when the caller may.
 */
export function whyNotPermitted(
  world: World,
  caller: IssuedCredentials,
  question: PermissionQuestion,
): string | undefined {
  const { identity, session } = judgePermission(world, caller, question);
  if (identity === 'deny') return 'with an explicit deny in an identity-based policy';
  if (session === 'deny') return 'with an explicit deny in a session policy';
  if (identity === 'silent') return `because no identity-based policy allows the ${question.action} action`;
  if (session === 'silent') return `because no session policy allows the ${question.action} action`;
  return undefined;
}

function identityPolicies(world: World, principal: Principal): readonly unknown[] {
  const estate = world.estate();
  const issuerArn = principal.issuerArn ?? principal.arn;
  if (issuerArn.endsWith(':root')) return [ALL];
  const user = userOf(estate, issuerArn)?.user;
  if (user !== undefined) return user.policies ?? [];
  for (const record of estate.roles.values()) {
    const isOwn = record.account.id === principal.accountId && record.role.name === principal.roleName;
    if (isOwn) return [...world.inlinePolicies.of(record).values()];
  }
  return [];
}

/** Undefined when none were passed: then the session has all that its role has. A federated user then has nothing. */
function sessionPolicies({ kind, sessionPolicies: passed }: Principal): readonly unknown[] | undefined {
  if (passed === undefined || (passed.policy === undefined && passed.policyArns.length === 0)) {
    return kind === 'federated-user' ? [] : undefined;
  }
  const managed = passed.policyArns.map((arn) => MANAGED.get(arn.split('/').at(-1) ?? ''));
  return [...(passed.policy === undefined ? [] : [JSON.parse(passed.policy) as unknown]), ...managed];
}

function judge(policies: readonly unknown[], question: Required<PermissionQuestion>): Answer {
  const statements = policies.flatMap((policy) => listOf(isRecord(policy) ? policy['Statement'] : undefined));
  const known = statements.filter(isRecord).filter((statement) => matches(statement, question));
  const outcome = (statement: Readonly<Record<string, unknown>>) =>
    evaluateConditions(statement['Condition'], question.context);
  const isDenied = known.some((statement) => statement['Effect'] === 'Deny' && outcome(statement) !== 'unmet');
  if (isDenied) return 'deny';
  const isAllowed = known.some((statement) => statement['Effect'] === 'Allow' && outcome(statement) === 'met');
  return isAllowed ? 'allow' : 'silent';
}

/** Resources may hold policy variables; one without a value matches nothing. */
function matches(
  statement: Readonly<Record<string, unknown>>,
  { action, resource, context }: Required<PermissionQuestion>,
): boolean {
  const covers = (name: string, hits: (pattern: string) => boolean): boolean => {
    const hitsAny = (patterns: unknown) =>
      listOf(patterns).some((pattern) => typeof pattern === 'string' && hits(pattern));
    return name in statement
      ? hitsAny(statement[name])
      : `Not${name}` in statement && !hitsAny(statement[`Not${name}`]);
  };
  const hitsResource = (pattern: string): boolean => {
    const filled = fillVariables(pattern, context);
    return filled !== undefined && wildcardMatches(filled, resource);
  };
  return covers('Action', (pattern) => wildcardMatches(pattern, action, true)) && covers('Resource', hitsResource);
}
