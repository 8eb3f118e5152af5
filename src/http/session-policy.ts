// Session policies that the configuration offers, by their id: no form ever brings the text of one.
import type { Portal } from '../config/portal.ts';
import { BrokerError } from '../errors.ts';

export type SessionPolicy = Portal['sessionPolicies'][number];

/** @throws BrokerError bad_request for an id that is not configured: never a session with more than was asked for */
export function findSessionPolicy(id: string | undefined, { sessionPolicies }: Portal): SessionPolicy | undefined {
  if (id === undefined) return undefined;
  const found = sessionPolicies.find((each) => each.id === id);
  if (!found) throw new BrokerError('bad_request', 'no such session policy');
  return found;
}
