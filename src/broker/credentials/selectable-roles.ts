// Roles that one assertion may open together with another: the AWS sign-in page then lets the person choose.
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly, resolveRoles } from '../../access/resolve.ts';
import { BrokerError } from '../../errors.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import { type IssueCredentialsDeps, sessionRequest } from './issue-credentials.ts';

/** A list that a person reads; AWS takes some hundreds. */
const mostCompanions = 20;

/**
 * Names, tags and source identity stand once in an assertion: only roles whose sessions would say the same go together,
 * and none that asks for a stronger sign-in.
 */
export function companionsOf(
  deps: Pick<IssueCredentialsDeps, 'policy' | 'primaryIdp' | 'clock'>,
  session: SignedInSession,
  role: EligibleRole,
): EligibleRole[] {
  const contentOf = (each: EligibleRole) =>
    JSON.stringify(sessionRequest(deps, { session, policy: undefined, purpose: 'console' }, each).content);
  const own = contentOf(role);
  const fits = (each: EligibleRole): boolean => {
    if (each.roleArn === role.roleArn || !isConsoleOnly(each) || each.stepUp !== undefined) return false;
    try {
      return contentOf(each) === own;
    } catch (error) {
      // A tag that this person has no value for: this role cannot be had now, the others can.
      if (error instanceof BrokerError) return false;
      throw error;
    }
  };
  return resolveRoles(session.identity, deps.policy, deps.clock.now()).filter(fits).slice(0, mostCompanions);
}
