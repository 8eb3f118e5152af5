// `rolegate status`: what this machine holds, and for how long. Read from files, so that a prompt can show it.
import { type CachedRole, listCachedRoles } from '../credentials/cached-roles.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd, describeSeconds, secondsLeft } from '../machine/time-left.ts';
import { noSignIn, readSignIn, signInCommand } from './tokens.ts';

interface Status {
  readonly broker: string;
  readonly signedIn: boolean;
  readonly user: string | null;
  readonly endsAt: string | null;
  readonly secondsLeft: number;
  readonly credentials: readonly CachedRole[];
}

export interface StatusOptions {
  readonly broker?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** @throws CliError login, if the person is not signed in */
export async function printStatus(context: CliContext, options: StatusOptions): Promise<void> {
  const broker = brokerOf(context, options.broker);
  if (options.check) {
    const [{ createBrokerClient }, { me }] = await Promise.all([
      import('./broker-client.ts'),
      import('../../wire/api.ts'),
    ]);
    await createBrokerClient(context, broker).get('/api/v1/me', me);
  }
  const status = readStatus(context, broker);
  print(context, options.json ? printableJson(status) : describe(context, status));
  // The text is on standard output already; the exit code is for scripts.
  if (status.signedIn) return;
  if (status.endsAt === null) throw noSignIn(context, broker);
  throw new CliError('login', `your sign-in has reached its end: run \`${signInCommand(context, broker)}\``);
}

function readStatus(context: CliContext, broker: string): Status {
  const found = readSignIn(context, broker);
  const endsAt = found?.person?.endsAt ?? null;
  const left = endsAt === null ? 0 : secondsLeft(context, endsAt);
  return {
    broker,
    signedIn: found !== undefined && (endsAt === null || left > 0),
    user: found?.person?.user ?? null,
    endsAt,
    secondsLeft: left,
    credentials: listCachedRoles(context, broker),
  };
}

function describe(context: CliContext, { broker, signedIn, user, endsAt, credentials }: Status): string {
  const { host } = new URL(broker);
  const who = user === null ? '' : ` as ${printable(user)}`;
  const end = endsAt === null ? '' : ` ${describeEnd(context, endsAt)}`;
  const first = signedIn ? `signed in at ${host}${who}${end}` : `not signed in at ${host}`;
  const names = new Map(readKnownRoles(context, broker).map(({ roleArn, name }) => [roleArn, name]));
  const roles = credentials.map(({ roleArn, secondsLeft: left }) => {
    return `  ${printable(names.get(roleArn) ?? roleArn)}  ${describeSeconds(left)}`;
  });
  return [first, ...(roles.length > 0 ? ['credentials:', ...roles] : [])].join('\n');
}
