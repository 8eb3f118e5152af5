// Credentials in memory, renewed before anybody has to wait for them: SDKs give a credentials endpoint one or two seconds.
import type { Credentials } from '../../wire/api.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { remainingMs } from './credential-cache.ts';
import { type CredentialsRequest, obtainCredentials } from './credentials.ts';

export interface CredentialKeeper {
  /** The credentials in memory, at once while they are valid; otherwise new ones. @throws CliError */
  readonly current: () => Promise<Credentials>;
  readonly stop: () => void;
}

/** SDKs begin to ask for others 15 minutes before the end: by then these are others. */
const aheadMs = 20 * 60_000;
const lookEveryMs = 30_000;

/** Begins with credentials, or not at all. @throws CliError */
export async function keepCredentials(context: CliContext, request: CredentialsRequest): Promise<CredentialKeeper> {
  let kept = await obtainCredentials(context, request);
  let renewal: Promise<void> | undefined;
  let hasFailed = false;

  const renew = async () => {
    // The program uses the terminal meanwhile, so do not ask there.
    kept = await obtainLonger({ ...context, requestSignIn: undefined, isTerminalShared: true }, request, kept);
    hasFailed = false;
  };
  const renewOnce = () => {
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
  const renewAhead = () => {
    // Short sessions are renewed at a third of their length: with more, there would never be an end of renewing.
    if (remainingMs(kept, context.clock.now()) > Math.min(aheadMs, (kept.DurationSeconds * 1000) / 3)) return;
    renewOnce().catch((error: Error) => {
      if (!hasFailed) say(context, `rolegate: ${error.message}`);
      hasFailed = true;
    });
  };
  const timer = setInterval(renewAhead, lookEveryMs);
  // The timer alone must not keep the process alive.
  timer.unref();
  return {
    current: async () => {
      if (remainingMs(kept, context.clock.now()) <= 0) await renewOnce();
      else renewAhead();
      return kept;
    },
    stop: () => clearInterval(timer),
  };
}

/** Others than these, which the cache has too. */
async function obtainLonger(context: CliContext, request: CredentialsRequest, kept: Credentials): Promise<Credentials> {
  const leftSeconds = Math.ceil(remainingMs(kept, context.clock.now()) / 1000);
  try {
    return await obtainCredentials(context, { ...request, minTtlSeconds: Math.max(0, leftSeconds) });
  } catch (error) {
    if (!(error instanceof CliError) || error.exit !== 'failed') throw error;
    // Sessions have become so short that new ones end before these: from now on it is those.
    return obtainCredentials(context, { ...request, minTtlSeconds: undefined });
  }
}
