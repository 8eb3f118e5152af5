// `rolegate login`: one sign-in at a time for each broker on a machine; who waited for another takes its result.
import { type Command, InvalidArgumentError } from 'commander';
import { me } from '../../wire/api.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { printable } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd } from '../machine/time-left.ts';
import { chooseRole } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { performSignIn, type SignInWish, signInWaitMs } from '../sign-in/sign-in.ts';
import { loginLock, readSignIn, type SignIn } from '../sign-in/tokens.ts';

interface LoginOptions {
  readonly broker?: string;
  readonly force?: boolean;
  readonly browser: boolean;
  readonly port?: number;
  readonly remote?: boolean;
  readonly stepUp?: string;
}

export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('sign in, in your own browser')
    .option('--broker <url>', 'address of the broker')
    .option('--force', 'sign in anew, even if you are signed in')
    .option('--no-browser', 'only print the address')
    .option('--port <number>', 'port to wait on, for example for ssh -L', readPort)
    .option('--remote', 'paste a code from a browser on another machine')
    .option('--step-up <role>', 'sign in as strongly as this role asks for')
    .action(async (options: LoginOptions) => {
      const broker = brokerOf(context, options.broker);
      const { force: isForced, port, remote: isRemote } = options;
      if (isRemote && port !== undefined) throw new CliError('usage', '--remote needs no --port: choose one of them');
      const current = isForced || options.stepUp ? undefined : await currentSignIn(context, broker);
      const stepUpRole = options.stepUp && (await roleArn(context, broker, options.stepUp));
      const wish = { isForced, isRemote, port, stepUpRole, opensBrowser: options.browser };
      const { person } = current ?? (await login(context, broker, wish));
      const until = person ? ` as ${printable(person.user)} ${describeEnd(context, person.endsAt)}` : '';
      say(context, `${current ? 'Already signed' : 'Signed'} in at ${new URL(broker).host}${until}.`);
      if (current) say(context, 'To sign in anew, run it with --force.');
    });
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('it is a number from 1 to 65535.');
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

async function roleArn(context: CliContext, broker: string, words: string): Promise<string> {
  if (words.startsWith('arn:')) return words;
  return (await chooseRole(context, createBrokerClient(context, broker), words)).roleArn;
}

/** Long enough to see whether somebody is there. */
const glanceMs = 1_000;

/** @throws CliError */
export async function login(context: CliContext, broker: string, wish: SignInWish): Promise<SignIn> {
  const since = context.clock.now();
  let isOurTurn = false;
  const attempt = async () => {
    isOurTurn = true;
    return freshSignIn(context, broker, since, wish) ?? performSignIn(context, broker, wish);
  };
  try {
    return await withLock(context, loginLock(broker), glanceMs, attempt);
  } catch (error) {
    if (isOurTurn || !(error instanceof CliError) || error.exit !== 'busy') throw error;
  }
  say(context, 'Another terminal of yours is waiting for a sign-in there: finish that one, or end it with Ctrl-C.');
  return withLock(context, loginLock(broker), 2 * signInWaitMs, attempt);
}

/** One that another process got while we waited; a forced one has to be our own. */
function freshSignIn(context: CliContext, broker: string, since: Date, { isForced, stepUpRole }: SignInWish) {
  const found = isForced || stepUpRole ? undefined : readSignIn(context, broker);
  return found && Date.parse(found.signedInAt) >= since.getTime() ? found : undefined;
}
