// What today's policy grants to the person of a session. A route resolves it once and hands the result on.
import type { EligibleRole } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import { resolveRoles } from '../../access/resolve.ts';
import type { RequestedRole } from '../../broker/credentials/granted-role.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Services } from '../context.ts';

export function rolesOf(session: SignedInSession, { config, clock }: Services): readonly EligibleRole[] {
  const { identity, assertionId, expiresAt } = session;
  // One sign-in: its identity never changes.
  const signIn = JSON.stringify([principalKey(identity), assertionId, expiresAt]);
  return resolveRoles(identity, config.policy, clock.now(), signIn);
}

/** @param roles of that session, as `rolesOf` returns them */
export function requestedRole(
  session: SignedInSession,
  roles: readonly EligibleRole[],
  roleArn: string,
): RequestedRole {
  return { session, roleArn, role: roles.find((each) => each.roleArn === roleArn), roles };
}

/**
 * Whether the role needs another sign-in first. Once for each role: an identity provider that did not bring the context
 * that it was asked for is not asked again, so that nothing loops.
 */
export function needsStepUp({ steppedUpFor }: SignedInSession, { roleArn, stepUp }: EligibleRole): boolean {
  return stepUp !== undefined && !(steppedUpFor === roleArn && stepUp.reason === 'authn_context');
}
