// What every integration needs: credentials of a role, the region to sign for, the service's address, and the few lines
// that Docker and git write to standard input.
import { dnsSuffixOf } from '../../aws/partitions.ts';
import type { Credentials } from '../../wire/api.ts';
import { obtainCredentials } from '../credentials/credentials.ts';
import { type RoleOptions, readRoleRequest, type SessionOptions } from '../credentials/session-options.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

export interface IntegrationOptions extends SessionOptions, RoleOptions {
  readonly role?: string;
  readonly json?: boolean;
}

export interface RoleInRegion {
  readonly credentials: Credentials;
  readonly region: string;
}

/** @throws CliError */
export async function obtainRole(context: CliContext, options: IntegrationOptions): Promise<RoleInRegion> {
  const request = await readRoleRequest(context, options.role, options);
  if (request.region === undefined) throw new CliError('usage', 'no region is known for this role: give --region');
  return { credentials: await obtainCredentials(context, request), region: request.region };
}

/** From AWS_ENDPOINT_URL_… as the AWS CLI reads it; otherwise undefined. */
export function endpointVariable({ env }: CliContext, service: 'ecr' | 's3' | 'sts'): string | undefined {
  const own = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env['AWS_ENDPOINT_URL'];
  return own?.replace(/\/$/, '');
}

/** @throws CliError usage, for a region of no partition that is known */
export function dnsSuffixFor(region: string): string {
  const dnsSuffix = dnsSuffixOf(region);
  if (dnsSuffix !== undefined) return dnsSuffix;
  throw new CliError('usage', `${region} is in no partition that rolegate knows`);
}

const maxInputLetters = 64 * 1024;

/** @throws CliError usage */
export async function readInputText({ stdin }: CliContext): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > maxInputLetters) throw new CliError('usage', 'standard input is over 64 KB');
  }
  return text;
}
