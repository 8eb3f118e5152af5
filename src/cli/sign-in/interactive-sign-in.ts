// `rolegate login`: one sign-in at a time for each broker on a machine. A process that waited for another takes its result.
import { me } from '../../wire/api.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd } from '../machine/time-left.ts';
import { forgetAttempts } from './automatic-sign-in.ts';
import { createBrokerClient } from './broker-client.ts';
import { performSignIn, type SignInOptions, signInWaitMs } from './sign-in.ts';
import { readSignIn, type SignIn, signInLock } from './tokens.ts';

export interface LoginOptions {
  readonly broker?: string;
  readonly force?: boolean;
  readonly browser: boolean;
  readonly port?: number;
  readonly remote?: boolean;
  readonly stepUp?: string;
  readonly json?: boolean;
}

/** Finding roles is not this folder's: it needs a sign-in itself. @returns the ARN. @throws CliError */
export type ResolveRole = (context: CliContext, broker: string, query: string) => Promise<string>;

/** @throws CliError */
export async function signInInteractively(
  context: CliContext,
  options: LoginOptions,
  resolveRole: ResolveRole,
): Promise<void> {
  const broker = brokerOf(context, options.broker);
  const { force: isForced, port, remote: isRemote } = options;
  if (isRemote && port !== undefined) throw new CliError('usage', '--remote needs no --port: choose one of them');
  const current = isForced || options.stepUp !== undefined ? undefined : await currentSignIn(context, broker);
  const stepUpRole = options.stepUp === undefined ? undefined : await resolveRole(context, broker, options.stepUp);
  const { person } =
    current ??
    (await signInOnce(context, broker, { isForced, isRemote, port, stepUpRole, opensBrowser: options.browser }));
  forgetAttempts(context, broker);
  if (options.json) {
    const { user = null, endsAt = null } = person ?? {};
    print(context, printableJson({ broker, user, endsAt, wasSignedIn: current !== undefined }));
    return;
  }
  const until = person ? ` as ${printable(person.user)} ${describeEnd(context, person.endsAt)}` : '';
  say(context, `${current ? 'Already signed' : 'Signed'} in at ${new URL(broker).host}${until}.`);
  if (current) say(context, 'To sign in again, run it with --force.');
}

/** Undefined without one that the broker still takes. */
async function currentSignIn(context: CliContext, broker: string): Promise<SignIn | undefined> {
  if (!readSignIn(context, broker)) return undefined;
  try {
    await createBrokerClient(context, broker).get('/api/v1/me', me);
    return readSignIn(context, broker);
  } catch (error) {
    if (error instanceof CliError && error.exit === 'login') return undefined;
    throw error;
  }
}

/** How long to wait for another process before saying so. */
const glanceMs = 1_000;

/** One sign-in at a time: a process that waited for another takes its result. @throws CliError */
export async function signInOnce(context: CliContext, broker: string, options: SignInOptions): Promise<SignIn> {
  const since = context.clock.now();
  let isOurTurn = false;
  const attempt = async () => {
    isOurTurn = true;
    // A forced one and a step-up have to be our own.
    const found = options.isForced || options.stepUpRole ? undefined : readSignIn(context, broker);
    const isFresh = found && Date.parse(found.signedInAt) >= since.getTime();
    return isFresh ? found : performSignIn(context, broker, options);
  };
  try {
    return await withLock(context, signInLock(broker), glanceMs, attempt);
  } catch (error) {
    if (isOurTurn || !(error instanceof CliError) || error.exit !== 'busy') throw error;
  }
  say(context, 'Another terminal of yours is waiting for a sign-in there: finish that one, or end it with Ctrl-C.');
  return withLock(context, signInLock(broker), 2 * signInWaitMs, attempt);
}
