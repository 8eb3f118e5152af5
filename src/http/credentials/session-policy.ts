// Session policies that the configuration offers, by their id: no form ever brings the text of one.
import type { EligibleRole } from '../../access/model.ts';
import { takesOwnPolicy } from '../../broker/credentials/session-content.ts';
import type { Portal } from '../../config/portal.ts';
import { BrokerError } from '../../errors.ts';

export type SessionPolicy = Portal['sessionPolicies'][number];

/** The session policies to choose from for this role: none if the configuration sets one, which applies alone. */
export function sessionPoliciesFor(role: EligibleRole, { sessionPolicies }: Portal): readonly SessionPolicy[] {
  return takesOwnPolicy(role) ? sessionPolicies : [];
}

/** @throws BrokerError bad_request for an id that is not configured: never a session with more than was asked for */
export function findSessionPolicy(id: string | undefined, { sessionPolicies }: Portal): SessionPolicy | undefined {
  if (id === undefined) return undefined;
  const found = sessionPolicies.find((each) => each.id === id);
  if (!found) throw new BrokerError('bad_request', 'no such session policy');
  return found;
}
