// The options that `credential-process`, `export`, `exec` and `serve` share: which credentials, and for which region.
import { readFileSync } from 'node:fs';
import { readRoleArn } from '../../wire/role-arn.ts';
import type { CliContext } from '../machine/context.ts';
import { parseDuration } from '../machine/duration.ts';
import { CliError } from '../machine/errors.ts';
import { findKnownRole, readKnownRoles } from '../machine/known-roles.ts';
import { brokerOf } from '../machine/settings.ts';
import { chooseRole } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import type { SecondRole } from './credential-cache.ts';
import type { CredentialsRequest } from './credentials.ts';

export interface SessionOptions {
  readonly duration?: string;
  readonly minTtl?: string;
  readonly policy?: string;
  readonly policyId?: string;
  /** ARN of a second role. */
  readonly then?: string;
  readonly externalId?: string;
}

/** @throws CliError usage */
export function readSessionOptions(options: SessionOptions) {
  const { duration, minTtl, policy, policyId } = options;
  const durationSeconds = duration === undefined ? undefined : seconds('--duration', duration);
  if (durationSeconds !== undefined && (durationSeconds < 900 || durationSeconds > 129_600)) {
    throw new CliError('usage', '--duration must be between 15m and 36h');
  }
  const minTtlSeconds = minTtl === undefined ? undefined : seconds('--min-ttl', minTtl);
  if (policyId?.trim() === '') throw new CliError('usage', '--policy-id is empty: give the id of a session policy');
  const secondRole = readSecondRole(options);
  if (secondRole && (durationSeconds ?? 0) > maxChainSeconds) {
    throw new CliError('usage', '--duration must be at most 1h with --then: AWS allows no more for chained roles');
  }
  if (secondRole && policyId !== undefined) {
    throw new CliError('usage', '--policy-id is for roles of the broker: with --then, narrow the session by --policy');
  }
  const narrowed = policy === undefined ? undefined : readPolicy(policy);
  return { durationSeconds, minTtlSeconds, policy: narrowed, policyId, secondRole };
}

/** IAM User Guide, role chaining. */
const maxChainSeconds = 3600;

/** Never a search: the ARN of an IAM role, whole. @throws CliError usage */
function readSecondRole({ then: roleArn, externalId }: SessionOptions): SecondRole | undefined {
  if (roleArn === undefined) {
    if (externalId === undefined) return undefined;
    throw new CliError('usage', '--external-id is for the role of --then');
  }
  if (readRoleArn(roleArn) === undefined || !roleArn.includes(':iam::')) {
    throw new CliError(
      'usage',
      `--then must be the whole ARN of a role, such as arn:aws:iam::444455556666:role/Deploy, not "${roleArn.slice(0, 200)}"`,
    );
  }
  // STS API, ExternalId.
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw new CliError('usage', '--external-id must have 2 to 1224 letters, digits and signs of + = , . @ : / -');
  }
  return { roleArn, ...(externalId === undefined ? {} : { externalId }) };
}

function seconds(option: string, text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new CliError('usage', `${option} must be a time such as 45m, 8h or 900`);
  return value;
}

function readPolicy(text: string): string {
  const file = /^file:\/\/(.+)$/.exec(text)?.[1];
  const json = file === undefined ? text : readPolicyFile(file);
  try {
    // Without its white space: AWS takes 2048 characters.
    return JSON.stringify(JSON.parse(json));
  } catch (cause) {
    throw new CliError('usage', `--policy is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function readPolicyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `--policy ${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

/** Which of several would go on to the second role? @throws CliError usage */
export function requireOneRole({ then }: SessionOptions, others: readonly unknown[]): void {
  if (then !== undefined && others.length > 0) throw new CliError('usage', '--then is for one role: give one --role');
}

export interface RoleRequest extends CredentialsRequest {
  /** For AWS_REGION and AWS_DEFAULT_REGION; undefined if none is named. */
  readonly region: string | undefined;
}

export interface RoleOptions {
  readonly broker?: string;
  readonly region?: string;
}

/**
 * The role that a query names, with the region that its account works in. An ARN is taken as it is, and an exact name as the
 * broker listed it last: then credentials from the cache need no broker.
 * @throws CliError
 */
export async function readRoleRequest(
  context: CliContext,
  query: string | undefined,
  options: SessionOptions & RoleOptions,
): Promise<RoleRequest> {
  const broker = brokerOf(context, options.broker);
  const session = readSessionOptions(options);
  const known = query === undefined ? undefined : knownRole(context, broker, query.trim());
  const role = known ?? (await chooseRole(context, createBrokerClient(context, broker), query));
  const inherited = context.env['AWS_REGION'] || context.env['AWS_DEFAULT_REGION'];
  const region = options.region ?? role.region ?? inherited;
  if (region !== undefined && !/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) {
    throw new CliError('usage', `"${region.slice(0, 40)}" is not a region`);
  }
  return { broker, roleArn: role.roleArn, ...session, region };
}

function knownRole(context: CliContext, broker: string, name: string) {
  if (!name.startsWith('arn:')) return findKnownRole(context, broker, name);
  const found = readKnownRoles(context, broker).find(({ roleArn }) => roleArn === name);
  return found ?? { roleArn: name, region: undefined };
}
