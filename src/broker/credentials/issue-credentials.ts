// From a session and a wish to temporary credentials: today's policy, audit intent, the mode's way to AWS, audit result.
import type { EligibleRole, Policy } from '../../access/model.ts';
import { resolveRoles } from '../../access/resolve.ts';
import type { Audit, CredentialFacts, RequestFacts } from '../../audit/events.ts';
import type { TemporaryCredentials } from '../../aws/sts.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { Preferences } from '../preferences.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import type { Modes, SessionRequest } from './modes/mode.ts';
import { nameOf, sessionContent } from './session-content.ts';
import { type Duration, type RoleMaxima, redeemFor, wishedDuration } from './session-duration.ts';

export interface IssueCredentialsDeps {
  readonly policy: Policy;
  readonly modes: Modes;
  readonly roleMaxima: RoleMaxima;
  /** The IdP whose users keep their plain names at AWS. */
  readonly primaryIdp: string;
  readonly preferences: Pick<Preferences, 'rememberUse'>;
  readonly audit: Audit;
  readonly clock: Clock;
}

export interface CredentialsWish {
  readonly session: SignedInSession;
  readonly roleArn: string;
  /** Seconds, 900 or more; undefined for as long as the rule allows. */
  readonly durationSeconds: number | undefined;
  readonly policy: string | undefined;
  /** Id of the portal's session policy that `policy` comes from, for the audit trail. */
  readonly sessionPolicy?: string | undefined;
  readonly purpose: 'credentials' | 'console';
  readonly request: RequestFacts;
}

export interface IssuedCredentials extends Duration {
  readonly credentials: TemporaryCredentials;
  readonly role: EligibleRole;
  /** In the mode `federation-token` the federated user's. */
  readonly assumedRoleArn: string;
  /** Whether the console's sign-in takes a SessionDuration with them. */
  readonly takesConsoleDuration: boolean;
}

/** @throws BrokerError role_not_granted, step_up_required, session_, one of sts_, or audit_unavailable */
export async function issueCredentials(deps: IssueCredentialsDeps, wish: CredentialsWish): Promise<IssuedCredentials> {
  const role = await grantedRole(deps, wish);
  let facts = factsOf(deps, wish, role);
  try {
    const prepared = await deps.modes[role.mode](sessionRequest(deps, wish, role));
    facts = { ...facts, ...prepared.facts };
    await deps.audit.record({ event: 'credentials_requested', ...facts }, wish.request);
    const duration = wishedDuration(wish.durationSeconds, role, wish.session, deps.clock.now());
    const issued = await redeemFor(duration, role, prepared, deps.roleMaxima);
    const { credentials, assumedRoleArn } = issued;
    const { accessKeyId, expiration } = credentials;
    const result = { accessKeyId, assumedRoleArn, expiresAt: expiration.toISOString() };
    await deps.audit.record({ event: 'credentials_issued', ...facts, ...result }, wish.request);
    // Not awaited, and it never throws: a store that hangs must not hold up what AWS has issued already.
    void deps.preferences.rememberUse(wish.session.identity, role.roleArn);
    return { ...issued, role, takesConsoleDuration: prepared.takesConsoleDuration };
  } catch (error) {
    await recordFailure(deps, facts, error, wish.request);
    throw error;
  }
}

/** What could be asked for now. @throws BrokerError role_not_granted or step_up_required, recorded */
export async function grantedRole(
  deps: Pick<IssueCredentialsDeps, 'policy' | 'clock' | 'audit'>,
  { session, roleArn, request }: Pick<CredentialsWish, 'session' | 'roleArn' | 'request'>,
): Promise<EligibleRole> {
  const { identity } = session;
  const role = resolveRoles(identity, deps.policy, deps.clock.now()).find((each) => each.roleArn === roleArn);
  if (role && !role.stepUp) return role;
  const code = role ? 'step_up_required' : 'role_not_granted';
  await deps.audit.record({ event: 'role_refused', idp: identity.idp, user: identity.user, roleArn, code }, request);
  const message = role ? `needs a stronger sign-in: ${role.stepUp?.reason}` : 'no rule grants this role now';
  throw new BrokerError(code, message, {
    details: { roleArn, ...(role ? { stepUpUrl: `/login?step_up=${encodeURIComponent(roleArn)}` } : {}) },
  });
}

/** What every record about these credentials says. */
export function factsOf(
  deps: Pick<IssueCredentialsDeps, 'primaryIdp'>,
  { session, purpose, sessionPolicy }: Pick<CredentialsWish, 'session' | 'purpose' | 'sessionPolicy'>,
  role: EligibleRole,
): CredentialFacts {
  const { identity, assertionId: signInAssertionId } = session;
  return {
    idp: identity.idp,
    user: identity.user,
    purpose,
    roleArn: role.roleArn,
    mode: role.mode,
    roleSessionName: nameOf(role, identity, identity.idp === deps.primaryIdp),
    rule: role.rule,
    signInAssertionId,
    ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
  };
}

/** What a mode is told of it. @throws BrokerError session_ */
export function sessionRequest(
  deps: Pick<IssueCredentialsDeps, 'primaryIdp' | 'clock'>,
  { session, policy, purpose }: Pick<CredentialsWish, 'session' | 'policy' | 'purpose'>,
  role: EligibleRole,
): SessionRequest {
  const { identity } = session;
  const content = sessionContent(role, identity, { isPrimaryIdp: identity.idp === deps.primaryIdp, policy });
  return { session, role, content, purpose, now: deps.clock.now() };
}

/** Without the audit trail there is no record to write, and the failure is known already. */
export async function recordFailure(
  { audit }: Pick<IssueCredentialsDeps, 'audit'>,
  facts: CredentialFacts,
  error: unknown,
  request: RequestFacts,
): Promise<void> {
  const known = error instanceof BrokerError ? error : undefined;
  if (known?.code === 'audit_unavailable') return;
  const code = known?.code ?? 'internal';
  const detail = known?.message ?? 'unexpected error';
  await audit.record({ event: 'credentials_refused', ...facts, code, detail }, request);
}
