// One line, once a day, that the broker offers a newer version. It costs no request: the broker says so with its answers.
import { type CliContext, isTerminal, say, type VersionOffer } from '../machine/context.ts';
import { isNewerVersion, ownVersion, releaseKeys } from '../machine/version.ts';
import { readSeen, writeSeen } from './seen-release.ts';
import type { Build } from './update.ts';

const pauseMs = 24 * 3_600_000;

/** For a person at a terminal, never for a tool that runs the command. */
export function wantsNotice({ env, stderr }: Pick<CliContext, 'env' | 'stderr'>, argv: readonly string[]): boolean {
  const isForTools = argv[0] === 'credential-process' || argv[0] === 'update' || argv[0] === 'complete';
  return isTerminal(stderr) && !isForTools && !env['CI'] && !env['ROLEGATE_NO_UPDATE_NOTICE'];
}

/** @param offer what a broker said last, if anything */
export function sayIfNewer(
  context: CliContext,
  offer: VersionOffer | undefined,
  { version: own, keys }: Build = { version: ownVersion(), keys: releaseKeys() },
): void {
  if (!offer || !isNewerVersion(offer.version, own)) return;
  const hasKeys = keys.length > 0;
  // What this build could verify, and the broker offers without a signature, is not mentioned: the broker may be another's now.
  if (hasKeys && !offer.isSigned) return;
  const now = context.clock.now().getTime();
  const { noticedAt } = readSeen(context);
  if (noticedAt !== undefined && noticedAt <= now && now - noticedAt < pauseMs) return;
  try {
    writeSeen(context, { noticedAt: now });
  } catch {
    // Where nothing can be remembered, the line would come with every command.
    return;
  }
  const how = hasKeys ? 'run `rolegate update`' : `see ${offer.broker}/cli`;
  say(context, `rolegate ${offer.version} is available, and this is ${own}: ${how}`);
}
