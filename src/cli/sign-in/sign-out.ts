// `rolegate logout`: ends the sign-in at the broker and wipes what this machine holds. The machine's part never depends
// on the network.
import { join } from 'node:path';
import { type CachedRole, listCachedRoles } from '../credentials/cached-roles.ts';
import { removeCached } from '../credentials/credential-cache.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { removePrivate } from '../machine/files.ts';
import { withLock } from '../machine/lock.ts';
import { cacheDirectory } from '../machine/paths.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd } from '../machine/time-left.ts';
import { createBrokerClient } from './broker-client.ts';
import { createOAuthClient } from './oauth-client.ts';
import { readSignIn, removeSignIn, type SignIn, serverOf, tokenLock } from './tokens.ts';

const lockTimeoutMs = 90_000;

export interface LogoutOptions {
  readonly broker?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** @throws CliError, where sign-ins on other machines could not be ended */
export async function signOut(context: CliContext, options: LogoutOptions): Promise<void> {
  const broker = brokerOf(context, options.broker);
  // First, as it needs the tokens. Should it fail, nothing here is kept for that.
  const all = options.all ? await endEverywhere(context, broker) : undefined;
  const cached = listCachedRoles(context, broker);
  const { former, kept } = await withLock(context, tokenLock(broker), lockTimeoutMs, async () =>
    wipe(context, broker),
  ).catch((error: NodeJS.ErrnoException) => {
    // A state folder that cannot be written has no lock: what can be removed still goes.
    if (error.code === undefined) throw error;
    return wipe(context, broker);
  });
  let isBrokerTold = former !== undefined || all === 'ended';
  if (former && all !== 'ended') {
    // The refresh token is deleted here, so the sign-in is unusable, even if the broker keeps it until it expires.
    try {
      await createOAuthClient(context, serverOf(former), former.key).revoke(former.refreshToken);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      isBrokerTold = false;
      const end = former.person ? describeEnd(context, former.person.endsAt) : 'until its time is up';
      say(
        context,
        `Could not tell the broker (${error.message}): it keeps the sign-in ${end}, but its tokens are deleted.`,
      );
    }
  }
  if (options.json) {
    const wasSignedIn = former !== undefined;
    const everywhere = all === 'ended';
    print(context, printableJson({ broker, wasSignedIn, brokerTold: isBrokerTold, everywhere, credentials: cached }));
  } else report(context, { broker, former, cached, isEverywhere: all === 'ended' });
  if (kept.length > 0) throw new CliError('failed', `cannot remove ${kept.join(', ')}: delete it yourself`);
  if (all instanceof CliError) throw all;
}

function wipe(context: CliContext, broker: string) {
  const former = readSignIn(context, broker);
  // Sessions of `rolegate mfa`: temporary credentials like the others.
  const mfa = join(cacheDirectory(context), 'mfa');
  const kept = [...removeSignIn(context, broker), ...removeCached(context, broker), ...removePrivate(mfa)];
  return { former, kept };
}

async function endEverywhere(context: CliContext, broker: string): Promise<'ended' | CliError> {
  try {
    await createBrokerClient(context, broker).delete('/api/v1/grants');
    return 'ended';
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const why = `your sign-ins on other machines are still valid: ${error.message}`;
    return new CliError(error.exit, why, { cause: error });
  }
}

interface Report {
  readonly broker: string;
  readonly former: SignIn | undefined;
  readonly cached: readonly CachedRole[];
  readonly isEverywhere: boolean;
}

function report(context: CliContext, { broker, former, cached, isEverywhere }: Report): void {
  const { host } = new URL(broker);
  const where = isEverywhere ? `Signed out of ${host} on every machine.` : `Signed out of ${host}.`;
  say(context, former ? where : `You were not signed in at ${host}.`);
  if (cached.length === 0) return;
  say(context, 'The stored credentials were removed. Copies that programs hold stay valid at AWS until they expire:');
  for (const { roleArn, expiresAt } of cached)
    say(context, `  ${printable(roleArn)} ${describeEnd(context, expiresAt)}`);
}
