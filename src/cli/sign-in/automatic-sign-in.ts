// A sign-in that no person asked for in so many words: a profile allows it, and credentials are wanted. Of many processes
// at once one opens a browser, and nobody is asked again and again.
import { join } from 'node:path';
import { z } from 'zod';
import { hasBrowser } from '../machine/browser.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { withLock } from '../machine/lock.ts';
import { brokerFolder, stateDirectory } from '../machine/paths.ts';
import { performSignIn, type SignInOptions, signInWaitMs } from './sign-in.ts';
import { readSignIn, type SignIn, signInCommand, signInLock } from './tokens.ts';

const maxAttempts = 3;
const periodMs = 60 * 60_000;

/**
 * Signs in with a browser, once, unless another process just did or three attempts of the last hour came to nothing.
 * @throws CliError login, with the command to type
 */
export async function automaticSignIn(
  context: CliContext,
  broker: string,
  options: SignInOptions = { opensBrowser: true, needsBrowser: true },
): Promise<SignIn> {
  const { env, clock } = context;
  const since = clock.now().getTime();
  if (env['CI'] || env['ROLEGATE_NO_INTERACTIVE']) throw notNow(context, broker, 'nobody is here to sign in');
  if (options.needsBrowser && !hasBrowser(context))
    throw notNow(context, broker, 'there is no browser here to sign in with');
  return withLock(context, signInLock(broker), 2 * signInWaitMs, async () => {
    const found = readSignIn(context, broker);
    if (found && Date.parse(found.signedInAt) >= since) return found;
    const attempts = readAttempts(context, broker);
    // Those who waited for an attempt that came to nothing share its end, instead of opening a browser each.
    if (attempts.some(({ endedAt }) => endedAt >= since)) throw notNow(context, broker, 'the sign-in was not finished');
    const recent = attempts.filter(({ startedAt }) => startedAt > since - periodMs);
    if (recent.length >= maxAttempts) {
      throw notNow(context, broker, `${recent.length} sign-ins of the last hour were not finished`);
    }
    return attempt(context, broker, options, recent);
  });
}

async function attempt(context: CliContext, broker: string, options: SignInOptions, recent: readonly Attempt[]) {
  const startedAt = context.clock.now().getTime();
  // Before it begins: a process that is killed while it waits counts as well.
  writeAttempts(context, broker, [...recent, { startedAt, endedAt: startedAt }]);
  say(context, `Your sign-in at ${new URL(broker).host} has ended.`);
  try {
    const signIn = await performSignIn(context, broker, options);
    writeAttempts(context, broker, []);
    return signIn;
  } catch (error) {
    writeAttempts(context, broker, [...recent, { startedAt, endedAt: context.clock.now().getTime() }]);
    throw error;
  }
}

function notNow(context: CliContext, broker: string, why: string): CliError {
  return new CliError('login', `${why}: run \`${signInCommand(context, broker)}\``);
}

/** Milliseconds since 1970. */
const attemptsSchema = z.array(z.object({ startedAt: z.number(), endedAt: z.number() }));
type Attempt = z.output<typeof attemptsSchema>[number];

function attemptsFile(context: CliContext, broker: string): string {
  return join(stateDirectory(context), brokerFolder(broker), 'attempts.json');
}

function readAttempts(context: CliContext, broker: string): readonly Attempt[] {
  return attemptsSchema.safeParse(readJson(attemptsFile(context, broker))).data ?? [];
}

function writeAttempts(context: CliContext, broker: string, attempts: readonly Attempt[]): void {
  writePrivate(attemptsFile(context, broker), `${JSON.stringify(attempts)}\n`);
}
