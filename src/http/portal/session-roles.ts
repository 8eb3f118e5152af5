// What today's policy grants to the person of a session. A route resolves it once and hands the result on.
import type { Request } from 'express';
import { findRole } from '../../access/find-role.ts';
import type { EligibleRole } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import { resolveRoles, rolesOfNetworks } from '../../access/resolve.ts';
import type { RequestedRole, RoleRequest } from '../../broker/credentials/granted-role.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import type { Services } from '../context.ts';
import { isStepUpIgnored } from '../sign-in/ignored-step-up.ts';

/** The roles that the person may use from where the request comes. */
export function rolesOf(
  request: Request,
  session: SignedInSession,
  { config, clock, tracing }: Services,
): readonly EligibleRole[] {
  const { identity, assertionId, expiresAt } = session;
  // One sign-in: its identity never changes.
  const signIn = JSON.stringify([principalKey(identity), assertionId, expiresAt]);
  const of = { session: signIn, address: request.ip };
  if (!tracing) return resolveRoles(identity, config.policy, clock.now(), of);
  return tracing.around('policy', {}, () => resolveRoles(identity, config.policy, clock.now(), of));
}

/** @param roles of that session, as `rolesOf` returns them */
export function requestedRole(
  request: Request,
  { session, roles, roleArn }: RoleRequest,
  services: Services,
): RequestedRole {
  const role = roles.find((each) => each.roleArn === roleArn);
  const isElsewhere = !role && isGrantedElsewhere(session, roleArn, services);
  const { sessions, sessionDirectory } = services;
  const id = request.grantName ?? sessions.publicIdOf(sessions.handleOf(request.sessionID));
  return { session, roleArn, role, roles, isElsewhere, isLive: () => sessionDirectory.isLive(id) };
}

/** For a link or a command that names no role of this person: whether one of another network is meant. */
export function notGranted(session: SignedInSession, query: string, services: Services): BrokerError {
  return isGrantedElsewhere(session, query, services)
    ? new BrokerError('network_not_allowed', 'a rule grants the role to requests from other addresses only')
    : new BrokerError('role_not_granted', 'no rule grants the user the role that the link names');
}

/** @param query a role that is not granted here */
function isGrantedElsewhere({ identity }: SignedInSession, query: string, { config, clock }: Services): boolean {
  const found = findRole(query, rolesOfNetworks(identity, config.policy, clock.now()));
  return found.kind === 'one' || (found.kind === 'choice' && !found.isOther);
}

/**
 * Whether the role needs another sign-in first. Once for each role: an identity provider that did not bring the context
 * that it was asked for is not asked again, so that nothing loops.
 */
export function needsStepUp(session: SignedInSession, role: EligibleRole): boolean {
  return role.stepUp !== undefined && !isStepUpIgnored(session, role);
}
