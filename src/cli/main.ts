// Everything the command does beyond an answer from the cache, and what it ends with.
import { systemClock } from '../clock.ts';
import { systemRandom } from '../random.ts';
import { type CliContext, type Host, say, type VersionOffer } from './machine/context.ts';
import { ChildEndedError, CliError, exitCodes, failureText } from './machine/errors.ts';
import { runProgram } from './program.ts';
import { sayIfNewer, wantsNotice } from './update/notice.ts';

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
  const isJson = wantsJson(argv);
  const offers: VersionOffer[] = [];
  const onOffer = wantsNotice(host, argv) ? (offer: VersionOffer) => void offers.push(offer) : undefined;
  const context: CliContext = { ...host, onIgnoredFile, onOffer, clock: systemClock, random: systemRandom };
  try {
    await runProgram(isJson ? { ...context, isInteractive: false } : context, argv, isJson);
    sayIfNewer(context, offers.at(-1));
    return { code: exitCodes.ok };
  } catch (error) {
    if (error instanceof ChildEndedError) return error;
    const { exitCode, code: reason, message } = error as { exitCode?: number; code?: string; message: string };
    const isUsage = reason?.startsWith('commander.') === true;
    // Help is not an error, and commander has printed the usage error.
    if (isUsage && (exitCode === 0 || !isJson)) return { code: exitCode === 0 ? exitCodes.ok : exitCodes.usage };
    const exit = isUsage ? 'usage' : error instanceof CliError ? error.exit : 'failed';
    const code = exitCodes[exit];
    const text = isUsage ? message.replace(/^error: /, '') : failureText(error);
    say(host, isJson ? JSON.stringify({ error: { code: exit, exit: code, message: text } }) : `rolegate: ${text}`);
    return { code };
  }
}

/** Whether the command itself, and not the program behind `--`, was asked for JSON. */
function wantsJson(argv: readonly string[]): boolean {
  const dashes = argv.indexOf('--');
  return (dashes < 0 ? argv : argv.slice(0, dashes)).includes('--json');
}
