// A role that a request names, looked up once in the policy of this moment, and the decision whether it may be used.
import type { EligibleRole } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import { BrokerError } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import type { RateLimiter } from '../../store/rate-limiter.ts';
import type { SignedInSession } from '../sign-in/session.ts';

/** What a role is used for. */
export type Purpose = 'credentials' | 'console';

export interface RoleRequest {
  readonly session: SignedInSession;
  readonly roleArn: string;
  /** All that the policy grants to the person, this one among them. */
  readonly roles: readonly EligibleRole[];
}

/** Made by the caller from one resolution of the policy for this session; no use case resolves it again. */
export interface RequestedRole extends RoleRequest {
  /** Undefined if no rule grants it. */
  readonly role: EligibleRole | undefined;
  /** It is not granted here, but would be to a request from another network. */
  readonly isElsewhere: boolean;
  /** Whether the session has not ended since the request came. @throws BrokerError store_unavailable */
  readonly isLive: () => Promise<boolean>;
}

/** The role if it may be used now. @throws BrokerError role_not_granted, network_not_allowed or step_up_required, recorded */
export async function grantedRole(
  { session, roleArn, role, isElsewhere }: RequestedRole,
  audit: Audit,
  request: RequestFacts,
): Promise<EligibleRole> {
  if (role && !role.stepUp) return role;
  if (role) throw await refuseStepUp(session, role, audit, request);
  const { idp, user } = session.identity;
  const code = isElsewhere ? 'network_not_allowed' : 'role_not_granted';
  await audit.record({ event: 'role_refused', idp, user, roleArn, code }, request);
  const missing = isElsewhere ? 'a rule grants it to other addresses only' : 'no rule grants this role now';
  throw new BrokerError(code, missing, { details: { roleArn } });
}

/** Records it. @returns the error, with the contexts that came and those of which one is needed */
export async function refuseStepUp(
  { identity, steppedUpFor }: SignedInSession,
  { roleArn, stepUp }: EligibleRole,
  audit: Audit,
  request: RequestFacts,
): Promise<BrokerError> {
  const { idp, user, authnContexts } = identity;
  const list = (contexts: readonly string[]) => contexts.slice(0, 5).map(quoted).join(' ') || 'nothing';
  const isContext = stepUp?.reason === 'authn_context';
  const facts = isContext ? { received: list(authnContexts), expected: list(stepUp.contexts) } : {};
  await audit.record({ event: 'role_refused', idp, user, roleArn, code: 'step_up_required', ...facts }, request);
  const message =
    isContext && steppedUpFor === roleArn
      ? 'the identity provider was asked for a stronger sign-in and did not confirm one'
      : `needs a stronger sign-in: ${stepUp?.reason}`;
  return new BrokerError('step_up_required', message, { details: { roleArn, ...facts } });
}

/** Takes one from what a person may request per minute. @throws BrokerError credentials_limited */
export async function requireTurn(limiter: RateLimiter, { identity }: SignedInSession): Promise<void> {
  const waitMs = await limiter.take(principalKey(identity), 1);
  if (waitMs === undefined) return;
  const details = { retryAfterSeconds: Math.ceil(waitMs / 1000) };
  throw new BrokerError('credentials_limited', 'more than limits.credentials allows this user', { details });
}
