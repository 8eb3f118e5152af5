// What every command is given: the machine it runs on, and nothing global.
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { RandomBytes } from '../../random.ts';
import { printable } from './printable.ts';

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDirectory: string;
  /** What this very command is run with: the runtime and the script, for files that start it again. */
  readonly commandLine: readonly string[];
  readonly stdin: Readable;
  /** For results only: what a script reads. */
  readonly stdout: Writable;
  /** For people: progress, questions, mistakes. */
  readonly stderr: Writable;
  /** Whether somebody can answer a question: a terminal, and ROLEGATE_NO_INTERACTIVE and CI are not set. */
  readonly isInteractive: boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** To standard error, whoever the words are from: of control characters, line ends alone get through. */
export function say(context: Pick<CliContext, 'stderr'>, text: string): void {
  context.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`);
}

/** A result, and a line end. */
export function print(context: Pick<CliContext, 'stdout'>, text: string): void {
  context.stdout.write(`${text}\n`);
}
