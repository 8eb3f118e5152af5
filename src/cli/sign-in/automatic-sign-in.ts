// A sign-in that the person did not type: a profile allows it, and credentials are needed. Of many processes at once one
// opens a browser, and no page opens again and again.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { withLock } from '../machine/lock.ts';
import { brokerFolder, stateDirectory } from '../machine/paths.ts';
import { withTerminal } from '../machine/terminal-device.ts';
import { hasBrowser } from '../processes/browser.ts';
import { performSignIn, type SignInOptions, signInWaitMs } from './sign-in.ts';
import { readSignIn, type SignIn, signInCommand, signInLock } from './tokens.ts';

const maxAttempts = 3;
const periodMs = 60 * 60_000;

/**
 * Signs in with a browser, once, unless another process just did, a page for the same role was open within the last hour,
 * or three pages of any kind were.
 * @param since when the command began: a sign-in that another process finished after that is one to try first
 * @throws CliError login, with the command to type
 */
export async function automaticSignIn(
  context: CliContext,
  broker: string,
  options: SignInOptions,
  since = context.clock.now().getTime(),
): Promise<SignIn> {
  const { env } = context;
  const notNow = (why: string) => {
    const option = options.stepUpRole === undefined ? '' : `--step-up ${options.stepUpRole}`;
    return new CliError('login', `${why}: run \`${signInCommand(context, broker, option)}\``);
  };
  if (env['CI'] || env['ROLEGATE_NO_INTERACTIVE']) throw notNow('cannot sign in without a person at a terminal');
  if (options.needsBrowser && !hasBrowser(context)) throw notNow('no browser found to sign in with');
  return withLock(context, signInLock(broker), 2 * signInWaitMs, async () => {
    const found = readSignIn(context, broker);
    if (found && Date.parse(found.signedInAt) >= since) return found;
    const attempts = attemptsSchema.safeParse(readJson(context, attemptsFile(context, broker))).data ?? [];
    // Processes that waited for an attempt that came to nothing share its end, instead of opening a browser each.
    if (attempts.some(({ endedAt }) => endedAt >= since)) throw notNow('the sign-in was not finished');
    const recent = attempts.filter(({ startedAt }) => startedAt > since - periodMs);
    // A successful one counts too: the role may ask for more than the identity provider does.
    if (options.stepUpRole !== undefined && recent.some(({ stepUpRole }) => stepUpRole === options.stepUpRole)) {
      throw notNow('this role asks for a stronger or a newer sign-in, and a page for it was open within the last hour');
    }
    if (recent.length >= maxAttempts) throw notNow(`${recent.length} sign-ins were started in the last hour`);
    return attempt(context, broker, options, recent);
  });
}

/** `rolegate login` ends the limit: the person is there, and knows. */
export function forgetAttempts(context: CliContext, broker: string): void {
  rmSync(attemptsFile(context, broker), { force: true });
}

async function attempt(
  context: CliContext,
  broker: string,
  options: SignInOptions,
  recent: readonly Attempt[],
): Promise<SignIn> {
  const { stepUpRole } = options;
  const startedAt = context.clock.now().getTime();
  const record = (endedAt: number) => {
    const attempts: readonly Attempt[] = [...recent, { startedAt, endedAt, stepUpRole }];
    writePrivate(attemptsFile(context, broker), `${JSON.stringify(attempts)}\n`);
  };
  // Before it begins: a process that is killed while it waits counts as well.
  record(startedAt);
  try {
    return await withTerminal(context, (seen) => {
      const { host } = new URL(broker);
      say(
        seen,
        stepUpRole
          ? `${stepUpRole} asks for another sign-in at ${host}.`
          : `Your sign-in at ${host} is no longer valid.`,
      );
      return performSignIn(seen, broker, options);
    });
  } finally {
    record(context.clock.now().getTime());
  }
}

/** Milliseconds since 1970. */
const attemptsSchema = z.array(
  z.object({ startedAt: z.number(), endedAt: z.number(), stepUpRole: z.string().optional() }),
);
type Attempt = z.output<typeof attemptsSchema>[number];

function attemptsFile(context: CliContext, broker: string): string {
  return join(stateDirectory(context), brokerFolder(broker), 'attempts.json');
}
