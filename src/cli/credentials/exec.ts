// `rolegate exec`: a program with credentials in its environment, and nothing there that would be taken in their place.
import { type Environment, runProgramAs } from '../machine/child-process.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { startCredentialServer } from './credential-server.ts';
import { credentialNames, credentialVariables, regionVariables, shadowingVariables } from './credential-variables.ts';
import { obtainCredentials } from './credentials.ts';
import { warnOfDefaultProfile } from './default-profile.ts';
import { type RoleOptions, type RoleRequest, readRoleRequest, type SessionOptions } from './session-options.ts';

export interface ExecOptions extends SessionOptions, RoleOptions {
  readonly role?: string;
  readonly server?: true;
  readonly nest?: true;
}

/** @throws ChildEndedError when the program has ended; CliError */
export async function execAsRole(
  context: CliContext,
  program: readonly string[],
  options: ExecOptions,
): Promise<never> {
  const { ROLEGATE_EXEC: outer } = context.env;
  if (outer && !options.nest) {
    throw new CliError(
      'usage',
      `this already runs inside \`rolegate exec\` as ${outer}: leave it first, or give --nest`,
    );
  }
  const request = await readRoleRequest(context, options.role, options);
  // Keys and everything else that decides who the caller is at AWS. The region stays unless another is known.
  const removed = new Set<string>([...shadowingVariables, ...credentialNames]);
  const kept = Object.entries(context.env).filter(([name]) => !removed.has(name));
  const env = { ...Object.fromEntries(kept), ROLEGATE_EXEC: request.roleArn };
  if (options.server) return execWithServer(context, program, env, request);
  const variables = credentialVariables(await obtainCredentials(context, request), request.region);
  return runProgramAs(context, program, { ...env, ...variables });
}

async function execWithServer(
  context: CliContext,
  program: readonly string[],
  env: Environment,
  request: RoleRequest,
): Promise<never> {
  const { environment, close } = await startCredentialServer(context, request);
  try {
    warnOfDefaultProfile(context);
    return await runProgramAs(context, program, { ...env, ...environment, ...regionVariables(request.region) });
  } finally {
    await close();
  }
}
