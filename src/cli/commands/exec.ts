// `rolegate exec`: a program with credentials in its environment, and nothing there that would be taken in their place.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Command } from 'commander';
import { startCredentialServer } from '../credentials/credential-server.ts';
import { credentialVariables, regionVariables, shadowingVariables } from '../credentials/credential-variables.ts';
import { type CredentialsWanted, obtainCredentials } from '../credentials/credentials.ts';
import { warnOfDefaultProfile } from '../credentials/default-profile.ts';
import {
  addWishOptions,
  findWanted,
  type Place,
  type PlaceOptions,
  type WishOptions,
} from '../credentials/role-options.ts';
import { type CliContext, say } from '../machine/context.ts';
import { ChildEndedError, CliError } from '../machine/errors.ts';

interface ExecOptions extends WishOptions, PlaceOptions {
  readonly role?: string;
  readonly server?: true;
  readonly nest?: true;
}

export function addExec(program: Command, context: CliContext): void {
  const command = program
    .command('exec')
    .description('run a program as a role: rolegate exec --role payments-dev/Developer -- terraform plan')
    .argument('<command...>', 'the program and its arguments, after --')
    .option('--role <role>', 'ARN, account/role, or words that only one role has')
    .option('--region <name>', "region to work in; the account's own by default")
    .option('--server', 'give the program an endpoint that renews its credentials, in place of credentials')
    .option('--nest', 'even inside another rolegate exec')
    .option('--broker <url>', 'address of the broker');
  addWishOptions(command).action(async (words: string[], options: ExecOptions) => {
    const { ROLEGATE_EXEC: outer } = context.env;
    if (outer && !options.nest) {
      throw new CliError(
        'usage',
        `this already runs inside \`rolegate exec\` as ${outer}: leave it first, or give --nest`,
      );
    }
    const wanted = await findWanted(context, options.role, options);
    const env = { ...withoutCredentials(context.env), ROLEGATE_EXEC: wanted.roleArn };
    if (options.server) return runWithServer(context, words, env, wanted);
    const variables = credentialVariables(await obtainCredentials(context, wanted), wanted.region);
    await run(context, words, { ...env, ...variables });
  });
}

async function runWithServer(
  context: CliContext,
  words: readonly string[],
  env: Environment,
  wanted: CredentialsWanted & Place,
): Promise<never> {
  const { environment, close } = await startCredentialServer(context, wanted);
  try {
    warnOfDefaultProfile(context);
    return await run(context, words, { ...env, ...environment, ...regionVariables(wanted.region) });
  } finally {
    await close();
  }
}

/** Keys and all else that decides who one is at AWS. The region stays unless another is known. */
export function withoutCredentials(env: CliContext['env']): Environment {
  const own = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CREDENTIAL_EXPIRATION'];
  const removed = new Set<string>([...shadowingVariables, ...own]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !removed.has(name)));
}

/** Those that somebody may send to this process and means the program with. */
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;

type Environment = Record<string, string | undefined>;

/** @throws ChildEndedError always, when the program has ended */
async function run(context: CliContext, [program = '', ...args]: readonly string[], env: Environment): Promise<never> {
  // From before the beginning: a signal that arrives meanwhile is handled when there is a child.
  const stopPassing = passSignals((signal) => child.kill(signal));
  const child = spawn(program, args, { stdio: 'inherit', env });
  try {
    throw await ending(child);
  } catch (error) {
    if (error instanceof ChildEndedError) throw error;
    throw notStarted(context, program, error as NodeJS.ErrnoException);
  } finally {
    stopPassing();
  }
}

/** With the codes that shells use. */
function notStarted(context: CliContext, program: string, { code, message }: NodeJS.ErrnoException): ChildEndedError {
  const why = code === 'ENOENT' ? 'is not found' : code === 'EACCES' ? 'may not be run' : `cannot run: ${message}`;
  say(context, `rolegate: ${program} ${why}`);
  return new ChildEndedError(code === 'ENOENT' ? 127 : 126, undefined);
}

function passSignals(pass: (signal: NodeJS.Signals) => unknown): () => void {
  const listeners = passedOn.map((signal) => {
    // A terminal has sent these to the program already; twice, they make some (Terraform) give up half-way.
    const isFromTerminal = (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY;
    const listener = () => void (isFromTerminal || pass(signal));
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

function ending(child: ChildProcess): Promise<ChildEndedError> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(new ChildEndedError(code ?? 1, signal ?? undefined)));
    child.once('error', reject);
  });
}
