// `credential-process` while another process renews what it asks for: of fifty at once (Terraform), one or a few load all
// of the command, and the others wait for those with little in their hands.
import type { Clock } from '../../clock.ts';
import type { Machine } from '../machine/context.ts';
import { findHolder } from '../machine/lock.ts';
import { answerFromCache, plainKey, writeAnswer } from './cached-answer.ts';
import { credentialLock, isGood, readCached } from './credential-cache.ts';

/** Longer than a renewal takes. */
const patienceMs = 90_000;

/** Whether the answer was given. False if no other process renews, or if it failed. */
export async function answerAfterAnother(
  machine: Machine,
  argv: readonly string[],
  clock: Clock,
  output: number,
): Promise<boolean> {
  const key = plainKey(machine, argv);
  const holder = key && (await findHolder(machine, credentialLock(key)));
  if (!holder) return false;
  const cached = readCached(machine, key);
  if (cached && isGood(cached, clock.now())) {
    writeAnswer(output, cached);
    return true;
  }
  await holder.ended(patienceMs);
  return answerFromCache(machine, argv, clock, output);
}
