// Everything the command does beyond an answer from the cache, and what it ends with.
import { systemClock } from '../clock.ts';
import { systemRandom } from '../random.ts';
import { type Host, say } from './machine/context.ts';
import { ChildEndedError, CliError, exitCodes, failureText } from './machine/errors.ts';
import { runProgram } from './program.ts';

export interface Outcome {
  readonly code: number;
  /** What the program ended by that this command was run for: a shell looks at it, not only at the number. */
  readonly signal?: NodeJS.Signals | undefined;
}

export async function runCommand(host: Host, argv: readonly string[]): Promise<Outcome> {
  const told = new Set<string>();
  const onIgnoredFile = (problem: string) => {
    if (!told.has(problem)) say(host, `rolegate: ${problem}`);
    told.add(problem);
  };
  try {
    await runProgram({ ...host, onIgnoredFile, clock: systemClock, random: systemRandom }, argv);
    return { code: exitCodes.ok };
  } catch (error) {
    if (error instanceof ChildEndedError) return error;
    // commander has printed the usage error; help is not an error.
    const { exitCode, code } = error as { exitCode?: number; code?: string };
    if (code?.startsWith('commander.')) return { code: exitCode === 0 ? exitCodes.ok : exitCodes.usage };
    say(host, `rolegate: ${failureText(error)}`);
    return { code: exitCodes[error instanceof CliError ? error.exit : 'failed'] };
  }
}
