// `rolegate exec`: a program with credentials in its environment, and nothing there that would be taken in their place.
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type Environment, runProgramAs } from '../processes/child-process.ts';
import { commandInterpreter } from '../processes/start.ts';
import { lastRoleOf } from './credential-cache.ts';
import { type CredentialServerRequest, startCredentialServer } from './credential-server.ts';
import {
  credentialNames,
  credentialVariables,
  promptNames,
  promptVariables,
  regionVariables,
  shadowingVariables,
} from './credential-variables.ts';
import { obtainCredentials } from './credentials.ts';
import { warnOfDefaultProfile } from './default-profile.ts';
import type { ExecWords } from './exec-words.ts';
import {
  type RoleOptions,
  type RoleRequest,
  readRoleRequest,
  requireOneRole,
  type SessionOptions,
} from './session-options.ts';

export interface ExecOptions extends SessionOptions, RoleOptions {
  readonly role?: readonly string[];
  readonly server?: true;
  readonly nest?: true;
}

/** @throws ChildEndedError when the program has ended; CliError */
export async function execAsRole(context: CliContext, words: ExecWords, options: ExecOptions): Promise<never> {
  const { ROLEGATE_EXEC: outer } = context.env;
  if (outer && !options.nest) {
    throw new CliError(
      'usage',
      `this already runs inside \`rolegate exec\` as ${outer}: leave it first, or give --nest`,
    );
  }
  const [first = words.role, ...others] = options.role ?? [];
  if (others.length > 0 && !options.server)
    throw new CliError('usage', 'several roles need --server: each has its own path');
  requireOneRole(options, others);
  const isShell = words.program.length === 0;
  if (isShell && !context.isInteractive) {
    throw new CliError('usage', 'which program? Write it behind --: rolegate exec ROLE -- aws s3 ls');
  }
  const request = await readRoleRequest(context, first, options);
  const more = await Promise.all(others.map((query) => readRoleRequest(context, query, options)));
  // Keys and everything else that decides who the caller is at AWS. The region stays unless another is known.
  const removed = new Set<string>([...shadowingVariables, ...credentialNames, ...promptNames]);
  // Windows takes `aws_profile` for AWS_PROFILE.
  const meant = (name: string) => (context.platform === 'win32' ? name.toUpperCase() : name);
  const kept = Object.entries(context.env).filter(([name]) => !removed.has(meant(name)));
  const env = { ...Object.fromEntries(kept), ROLEGATE_EXEC: lastRoleOf(request) };
  const program = isShell ? [shellOf(context)] : words.program;
  if (options.server) return execWithServer(context, program, env, { ...request, others: more });
  const credentials = await obtainCredentials(context, request);
  const prompt = isShell ? promptVariables(context, request.broker, credentials) : {};
  if (isShell) say(context, `rolegate: a shell as ${lastRoleOf(request)}; \`exit\` leaves it`);
  return runProgramAs(context, program, { ...env, ...credentialVariables(credentials, request.region), ...prompt });
}

function shellOf(context: CliContext): string {
  return context.platform === 'win32' ? commandInterpreter(context) : context.env['SHELL'] || '/bin/sh';
}

async function execWithServer(
  context: CliContext,
  program: readonly string[],
  env: Environment,
  request: RoleRequest & CredentialServerRequest,
): Promise<never> {
  const { environment, token, close } = await startCredentialServer(context, request);
  try {
    warnOfDefaultProfile(context);
    return await runProgramAs(context, program, {
      ...env,
      ...environment,
      // SDKs that do not know the file: Java v2 before 2.21, Go v1 before 1.47, boto3 before 1.29 and others.
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
      ...regionVariables(request.region),
    });
  } finally {
    await close();
  }
}
