// Temporary credentials for a role: the decision, the audit record of the intent, the mode's way to AWS, the record of the result.
import type { EligibleRole } from '../../access/model.ts';
import type { Audit, CredentialFacts, RequestFacts } from '../../audit/events.ts';
import type { TemporaryCredentials } from '../../aws/sts.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { RateLimiter } from '../../store/rate-limiter.ts';
import type { Preferences } from '../preferences.ts';
import type { CredentialRegister } from '../revocation/credential-register.ts';
import { credentialFacts, recordFailure } from './credential-facts.ts';
import { grantedRole, type Purpose, type RequestedRole, requireTurn } from './granted-role.ts';
import type { Modes } from './modes/mode.ts';
import { type SessionNames, sessionContent, sessionNames } from './session-content.ts';
import { type Duration, limitDuration, type RoleMaxima, redeemFor } from './session-duration.ts';

export interface CredentialOptions {
  /** Seconds, 900 or more; undefined for as long as the rule allows. */
  readonly durationSeconds: number | undefined;
  readonly policy?: string | undefined;
  /** Id of the portal's session policy that `policy` comes from, for the audit trail. */
  readonly sessionPolicy?: string | undefined;
  readonly purpose: Purpose;
}

export interface IssuedCredentials extends Duration {
  readonly credentials: TemporaryCredentials;
  readonly role: EligibleRole;
  readonly names: SessionNames;
  /** In the mode `federation-token` the federated user's. */
  readonly assumedRoleArn: string;
  /** Whether the console's sign-in takes a SessionDuration with them. */
  readonly takesConsoleDuration: boolean;
}

export interface Credentials {
  /**
   * @throws BrokerError unauthenticated, role_not_granted, network_not_allowed, step_up_required, credentials_limited, session_, one of sts_,
   * audit_unavailable or store_unavailable
   */
  issue(requested: RequestedRole, options: CredentialOptions, request: RequestFacts): Promise<IssuedCredentials>;
}

export function createCredentials({
  modes,
  roleMaxima,
  primaryIdp,
  preferences,
  register,
  limiter,
  audit,
  clock,
}: {
  readonly modes: Modes;
  readonly roleMaxima: RoleMaxima;
  /** The IdP whose users keep their plain names at AWS. */
  readonly primaryIdp: string;
  readonly preferences: Preferences;
  readonly register: CredentialRegister;
  /** Of credentials and consoles, by person. */
  readonly limiter: RateLimiter;
  readonly audit: Audit;
  readonly clock: Clock;
}): Credentials {
  return {
    issue: async (requested, { durationSeconds, policy, sessionPolicy, purpose }, request) => {
      const role = await grantedRole(requested, audit, request);
      const { session, isLive } = requested;
      const { identity } = session;
      const names = sessionNames(role, identity, primaryIdp);
      let facts: CredentialFacts = {
        ...credentialFacts(session, role, purpose, names.roleSessionName),
        ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
      };
      const now = clock.now();
      try {
        await requireTurn(limiter, session);
        const content = sessionContent(role, identity, names, policy);
        const prepared = await modes[role.mode]({ session, role, content, purpose, now });
        facts = { ...facts, ...prepared.facts };
        await audit.record({ event: 'credentials_requested', ...facts }, request);
        const duration = limitDuration(durationSeconds, role, session.expiresAt, now);
        const redeemed = await redeemFor(duration, role.roleArn, prepared.redeem, roleMaxima);
        const { credentials, assumedRoleArn } = redeemed;
        const { accessKeyId, expiration } = credentials;
        const result = { accessKeyId, assumedRoleArn, expiresAt: expiration.toISOString() };
        // Both or none: credentials that are not registered could not be revoked.
        await Promise.all([
          audit.record({ event: 'credentials_issued', ...facts, ...result }, request),
          register.add({ identity, isLive }, [role], names, { purpose, accessKeyId, expiresAt: expiration.getTime() }),
        ]);
        // Not awaited, and it never throws: a store that hangs must not hold up what AWS has issued already.
        void preferences.rememberUse(identity, role.roleArn);
        return { ...redeemed, role, names, takesConsoleDuration: prepared.takesConsoleDuration };
      } catch (thrown) {
        const error = policy === undefined ? faultOfRule(thrown, role) : thrown;
        await recordFailure(audit, facts, error, request);
        throw error;
      }
    },
  };
}

/** Who asked for no policy cannot shorten one: what AWS does not take is the rule's, its tags or its policy. */
function faultOfRule(thrown: unknown, { session }: EligibleRole): unknown {
  if (!(thrown instanceof BrokerError) || thrown.code !== 'sts_session_policy') return thrown;
  const { message, details } = thrown;
  const isPacked = String(details['awsCode']).startsWith('PackedPolicyTooLarge');
  const isOfTags = isPacked && (session.tags.length > 0 || message.includes('session tags consume'));
  return new BrokerError(isOfTags ? 'sts_session_tags' : 'sts_rule_policy', message, { details, cause: thrown });
}
