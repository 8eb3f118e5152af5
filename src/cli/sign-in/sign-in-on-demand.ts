// In a terminal, a command that needs a sign-in asks whether to open the browser, and goes on afterwards.
import { confirm } from '../machine/confirm.ts';
import type { CliContext } from '../machine/context.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { printable } from '../machine/printable.ts';
import { hasBrowser } from '../processes/browser.ts';
import { forgetAttempts } from './automatic-sign-in.ts';
import { signInOnce } from './interactive-sign-in.ts';

/**
 * Asks once in a command: a role that still refuses after a sign-in is not helped by another one. Requests that run at the
 * same time share the question.
 */
export function askForSignIn(context: CliContext): NonNullable<CliContext['requestSignIn']> {
  const asked = new Map<string, Promise<boolean>>();
  return (broker, stepUpRole) => {
    const reason = `${broker} ${stepUpRole ?? ''}`;
    const pending =
      asked.get(reason) ?? ask(context, broker, stepUpRole).finally(() => asked.set(reason, Promise.resolve(false)));
    asked.set(reason, pending);
    return pending;
  };
}

async function ask(context: CliContext, broker: string, stepUpRole: string | undefined): Promise<boolean> {
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
}
