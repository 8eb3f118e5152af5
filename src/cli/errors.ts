// What a command ends with when it does not succeed: one line for the person, one exit code for the script.

/** Stable: scripts decide by them. Documented in docs/cli.md. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, login: 3, denied: 4, network: 5, clock: 6, busy: 7 } as const;
export type ExitName = keyof typeof exitCodes;

/** The message is shown as it is: one sentence, and where there is a remedy, the command to type. No secrets. */
export class CliError extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.exit = exit;
  }
}
