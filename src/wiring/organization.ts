// The accounts of an AWS organization in a running process: they are listed again from time to time, and the list in force is
// kept for the next start.
import { createTimers, type Timers } from '../broker/idp-metadata/timers.ts';
import { writeLastGood } from '../config/accounts/last-good.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';

/** Says when the list in force is not the list of now; otherwise keeps it. Called with each configuration in force. */
export function reportOrganization({ source: { organization } }: Config, log: Logger): void {
  if (!organization) return;
  const { file, members, listedAt, problem } = organization;
  if (problem !== undefined) {
    log.error({ detail: problem, listedAt }, 'accounts of the organization: the last good list stays in force');
    return;
  }
  if (file === undefined) return;
  try {
    writeLastGood(file, { members, listedAt });
  } catch (error) {
    log.error({ file, detail: (error as Error).message }, 'the list of accounts cannot be kept for the next start');
  }
}

/** Without an organization: how soon one that a reload brings is noticed. */
const idleMs = 60_000;

/** @param refresh reports its own failures */
export function refreshOrganization(
  inForce: () => Config,
  refresh: () => Promise<void>,
  timers: Timers = createTimers(),
): Timers {
  const wait = (): void => {
    const refreshMs = inForce().source.organization?.refreshMs;
    timers.later(refreshMs ?? idleMs, async () => {
      if (refreshMs !== undefined) await refresh();
      wait();
    });
  };
  wait();
  return timers;
}
