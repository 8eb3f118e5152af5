// Runs a program in place of this command: its streams, its signals, and its exit code are the program's.
import { spawn } from 'node:child_process';
import { type CliContext, say } from '../machine/context.ts';
import { ChildEndedError, CliError } from '../machine/errors.ts';
import { type Start, startOf } from './start.ts';
import { watchTerminal } from './terminal-signals.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Signals that are sent to this process and meant for the program. */
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;

/** @throws ChildEndedError always, when the program has ended; CliError for an argument that it cannot be given */
export async function runProgramAs(
  context: CliContext,
  [program = '', ...args]: readonly string[],
  env: Environment,
): Promise<never> {
  const start = findStart(context, program, args, env);
  // Before the start: a signal that arrives meanwhile is handled when there is a child.
  const stopPassing = passSignals(context.platform, (signal) => child.kill(signal));
  const child = spawn(start.file, start.args, { stdio: 'inherit', env, ...start.options });
  try {
    throw await new Promise<ChildEndedError>((resolve, reject) => {
      child.once('exit', (code, signal) => resolve(new ChildEndedError(code ?? 1, signal ?? undefined)));
      child.once('error', reject);
    });
  } catch (error) {
    if (error instanceof ChildEndedError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not found' : code === 'EACCES' ? 'may not be run' : `cannot run: ${message}`;
    say(context, `rolegate: ${program} ${why}`);
    // The codes that shells use.
    throw new ChildEndedError(code === 'ENOENT' ? 127 : 126, undefined);
  } finally {
    stopPassing();
  }
}

function findStart(
  { platform, ...context }: CliContext,
  program: string,
  args: readonly string[],
  env: Environment,
): Start {
  try {
    const start = startOf({ platform, env }, program, args);
    if (start) return start;
  } catch (error) {
    throw new CliError('usage', `${program}: ${(error as Error).message}`);
  }
  say(context, `rolegate: ${program} is not found`);
  throw new ChildEndedError(127, undefined);
}

function passSignals(platform: NodeJS.Platform, pass: (signal: NodeJS.Signals) => unknown): () => void {
  const terminal = watchTerminal(platform);
  const listeners = passedOn.map((signal) => {
    const isKey = signal === 'SIGINT' || signal === 'SIGQUIT';
    const listener = async () => {
      // A terminal has sent these to the program already; twice, they make some (Terraform) give up half-way.
      const wasSent = isKey && (platform === 'win32' ? process.stdin.isTTY : await terminal?.wasInterrupted());
      if (!wasSent) pass(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
    terminal?.stop();
  };
}
