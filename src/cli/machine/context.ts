// What every command is given: the machine it runs on, and nothing global.
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { RandomBytes } from '../../random.ts';
import { printableLines } from './printable.ts';

/** As much as an answer from the cache needs. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDirectory: string;
  /** Told which file or folder is left alone, since others can write it, and the remedy. */
  readonly onIgnoredFile?: ((problem: string) => void) | undefined;
}

export interface Terminal {
  /** For results only: what a script reads. */
  readonly stdout: Writable;
  /** For people: progress, questions, errors. */
  readonly stderr: Writable;
  /** While another program has the terminal: no line comes and goes. */
  readonly isTerminalShared?: boolean;
}

/** Everything that differs from process to process. */
export interface Host extends Machine, Terminal {
  /** How this process was started: the runtime and the script, for files that start it again. */
  readonly argv0: readonly string[];
  readonly stdin: Readable;
  /** The terminal itself, where standard error is not the terminal: a tool may record standard error. */
  readonly terminalDevice?: string | undefined;
  /** Whether a person can answer a question: a terminal, and ROLEGATE_NO_INTERACTIVE and CI are not set. */
  readonly isInteractive: boolean;
}

export interface CliContext extends Host {
  /**
   * Asks the person to sign in, for commands that go on afterwards; false if they do not want to. Undefined without
   * a terminal.
   */
  readonly requestSignIn?: ((broker: string, stepUpRole: string | undefined) => Promise<boolean>) | undefined;
  /** Told which version a broker says that it offers. */
  readonly onOffer?: ((offer: VersionOffer) => void) | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export interface VersionOffer {
  readonly broker: string;
  readonly version: string;
  /** Whether `rolegate update` can get it. */
  readonly isSigned: boolean;
}

/** To standard error. The text may be foreign: of the control characters, only line ends get through. */
export function say(context: Terminal, text: string): void {
  context.stderr.write(`${printableLines(text)}\n`);
}

/** A result, and a line end. A script gets it as it is, a terminal without control characters. */
export function print(context: Terminal, text: string): void {
  context.stdout.write(`${isTerminal(context.stdout) ? printableLines(text) : text}\n`);
}

export function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Undefined if the stream is not a terminal. */
export function columnsOf(stream: Writable & { readonly columns?: number }): number | undefined {
  return stream.columns;
}

const silentMs = 1_000;

/** After a second, a terminal shows what takes so long. @returns what removes the line */
export function showWaiting({ stderr, isTerminalShared = false }: Terminal, what: string): () => void {
  if (isTerminalShared || !isTerminal(stderr)) return () => {};
  let isShown = false;
  const timer = setTimeout(() => {
    isShown = true;
    stderr.write(`\r\x1b[KWaiting for ${what}…`);
  }, silentMs);
  return () => {
    clearTimeout(timer);
    if (isShown) stderr.write('\r\x1b[K');
  };
}
