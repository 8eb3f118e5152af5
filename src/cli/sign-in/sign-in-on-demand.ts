// In a terminal, a command that needs a sign-in asks whether to open the browser, and goes on afterwards.

import { confirm } from '../machine/confirm.ts';
import type { CliContext } from '../machine/context.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { printable } from '../machine/printable.ts';
import { hasBrowser } from '../processes/browser.ts';
import { forgetAttempts } from './automatic-sign-in.ts';
import { signInOnce } from './interactive-sign-in.ts';

/** Asks once in a command: a role that still refuses after a sign-in is not helped by another one. */
export function askForSignIn(context: CliContext): NonNullable<CliContext['requestSignIn']> {
  const asked = new Set<string>();
  return async (broker, stepUpRole) => {
    const reason = `${broker} ${stepUpRole ?? ''}`;
    if (asked.has(reason)) return false;
    asked.add(reason);
    const name = readKnownRoles(context, broker).find(({ roleArn }) => roleArn === stepUpRole)?.name ?? stepUpRole;
    const what = stepUpRole
      ? `${printable(name ?? '')} requires a stronger or a more recent sign-in.`
      : `You are not signed in at ${new URL(broker).host}.`;
    const question = hasBrowser(context) ? 'Open the browser?' : 'Sign in now?';
    // Ctrl-C is a no: the command ends with the line to type.
    if (!(await confirm(context, `${what} ${question}`, true).catch(() => false))) return false;
    await signInOnce(context, broker, { opensBrowser: true, stepUpRole });
    forgetAttempts(context, broker);
    return true;
  };
}
