// What a command ends with when it does not succeed: one line for the person, one exit code for the script.
import { dirname } from 'node:path';

/** Stable: scripts decide by them. Documented in docs/command-line.md. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, login: 3, denied: 4, network: 5, clock: 6, busy: 7 } as const;
export type ExitName = keyof typeof exitCodes;

/** The message is shown as it is: one sentence, and where there is a remedy, the command to type. No secrets. */
export class CliError extends Error {
  readonly exit: ExitName;
  /** ARN of the role that asks for another sign-in. */
  readonly stepUpRole: string | undefined;

  constructor(exit: ExitName, message: string, options: { cause?: unknown; stepUpRole?: string | undefined } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.exit = exit;
    this.stepUpRole = options.stepUpRole;
  }
}

/** What a person reads about any failure: of the file system as a sentence that names the file, of the rest its own words. */
export function failureText(error: unknown): string {
  const { code, message, path } = error as { code?: string; message: string; path?: string };
  // Node's own forms: `EACCES: permission denied, open '/home/alice/…'`, and of a socket `listen EACCES: permission denied /home/…`.
  const [, why, operation] = /^E[A-Z0-9]+: ([^,]+), (\w+)/.exec(message) ?? [];
  const [, socketWhy, socketPath] = /^(?:listen|connect) E[A-Z0-9]+: ([^/]+) (\/.+)$/.exec(message) ?? [];
  if (socketPath !== undefined) return `${dirname(socketPath)} cannot be used: ${socketWhy} (${code})`;
  if (why === undefined) return message;
  // The output may be a full disk or a closed terminal, which has no path.
  if (path === undefined)
    return `cannot ${operation === 'read' ? 'read the input' : 'write the output'}: ${why} (${code})`;
  return `${path} cannot be used: ${why} (${code})`;
}

/** A program that this command was run for has ended: so does the command, in the same way and without a word. */
export class ChildEndedError extends Error {
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;

  constructor(code: number, signal: NodeJS.Signals | undefined) {
    super(signal ? `ended by ${signal}` : `ended with ${code}`);
    this.name = 'ChildEndedError';
    this.code = code;
    this.signal = signal;
  }
}
