// What today's policy gives the person of a session.
import type { EligibleRole } from '../../access/model.ts';
import { resolveRoles } from '../../access/resolve.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Services } from '../context.ts';

export function rolesOf(session: SignedInSession, { config, clock }: Services): EligibleRole[] {
  return resolveRoles(session.identity, config.policy, clock.now());
}

/** The role, if it needs another sign-in first. If one did not bring the context asked for: an error and no loop. */
export function roleToStepUp(session: SignedInSession, roleArn: string, services: Services): EligibleRole | undefined {
  const role = rolesOf(session, services).find((each) => each.roleArn === roleArn);
  const hasTried = session.steppedUpFor === roleArn && role?.stepUp?.reason === 'authn_context';
  return role?.stepUp && !hasTried ? role : undefined;
}
