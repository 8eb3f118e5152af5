// The options that `credential-process`, `export`, `exec` and `serve` share: which credentials, and for which region.
import { readFileSync } from 'node:fs';
import type { CliContext } from '../machine/context.ts';
import { parseDuration } from '../machine/duration.ts';
import { CliError } from '../machine/errors.ts';
import { findKnownRole, readKnownRoles } from '../machine/known-roles.ts';
import { brokerOf } from '../machine/settings.ts';
import { chooseRole } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import type { CredentialsRequest } from './credentials.ts';

export interface SessionOptions {
  readonly duration?: string;
  readonly minTtl?: string;
  readonly policy?: string;
  readonly policyId?: string;
}

/** @throws CliError usage */
export function readSessionOptions({ duration, minTtl, policy, policyId }: SessionOptions) {
  const durationSeconds = duration === undefined ? undefined : seconds('--duration', duration);
  if (durationSeconds !== undefined && (durationSeconds < 900 || durationSeconds > 129_600)) {
    throw new CliError('usage', '--duration must be between 15m and 36h');
  }
  const minTtlSeconds = minTtl === undefined ? undefined : seconds('--min-ttl', minTtl);
  if (policyId?.trim() === '') throw new CliError('usage', '--policy-id is empty: give the id of a session policy');
  return { durationSeconds, minTtlSeconds, policy: policy === undefined ? undefined : readPolicy(policy), policyId };
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
