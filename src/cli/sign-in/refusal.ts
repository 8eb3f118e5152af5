// A person says no: in the browser that the listener waits for, or in one that cannot reach this machine.
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../machine/errors.ts';
import { printable } from '../machine/printable.ts';
import type { AuthorizationRequest } from './authorization-request.ts';

/** Five minutes of it are 75 small requests. */
const askMs = 4_000;

interface Refusal {
  readonly error: string;
  readonly description: string | undefined;
}

export function refusedSignIn(broker: string, { error, description }: Refusal): CliError {
  const { host } = new URL(broker);
  const said = printable(description ?? error).slice(0, 300);
  const exit = error === 'access_denied' ? 'denied' : 'failed';
  return new CliError(exit, `the sign-in at ${host} was refused: ${said}`);
}

/**
 * Asks the broker while the work waits for a person.
 * @param work gets the signal that ends it with its timers; what it ends with then does not count
 * @throws CliError denied, and what the work throws
 */
export async function unlessRefused<T>(
  broker: string,
  request: AuthorizationRequest,
  graceMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const refused = async (): Promise<never> => {
    const description = await askUntilRefused(request, end.signal);
    await sleep(graceMs, undefined, { signal: end.signal });
    throw refusedSignIn(broker, { error: 'access_denied', description });
  };
  try {
    return await Promise.race([work(end.signal), refused()]);
  } finally {
    end.abort();
  }
}

/** An outage while a person reads the page is not this command's matter: it shows when the code is redeemed. */
async function askUntilRefused(request: AuthorizationRequest, signal: AbortSignal): Promise<string> {
  for (;;) {
    await sleep(askMs, undefined, { signal });
    const detail = await request.refusal(signal).catch(() => undefined);
    if (detail !== undefined) return detail;
  }
}
