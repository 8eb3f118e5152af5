// Revokes what AWS still accepts: ends the sessions first, then says which sessions at AWS a policy of each role has to deny.
// Who puts those policies on the roles is the operator; the broker has no rights in IAM.
import type { Audit } from '../../audit/events.ts';
import type { DeniedSessions, SessionOwner } from '../../aws/revocation-policy.ts';
import type { Clock } from '../../clock.ts';
import type { SessionDirectory } from '../session-directory.ts';
import type {
  CredentialFilter,
  CredentialRegister,
  RegisteredCredential,
  RegisteredCredentials,
} from './credential-register.ts';

/** What a policy has to deny on one role; of a federated user, on the IAM user whose keys made it. */
export interface RoleRevocation {
  readonly roleArn: string;
  readonly denied: DeniedSessions;
}

export interface Revoked {
  /** How many sessions of browsers and command lines ended. */
  readonly sessionsEnded: number;
  readonly credentials: number;
  readonly roles: readonly RoleRevocation[];
  /** Users of whom there may be more credentials than are registered. */
  readonly incomplete: readonly string[];
}

export interface Revocation {
  find(filter: CredentialFilter): Promise<RegisteredCredentials>;
  /** @param by who wants it, for the audit record. @throws BrokerError store_unavailable or audit_unavailable */
  revoke(filter: CredentialFilter, by: string): Promise<Revoked>;
  readonly audit: Audit;
}

/** For requests that are on their way to AWS when the sessions end, and for clocks that differ. */
const marginMs = 10_000;
/** More would make a record that sinks refuse. */
const maxListed = 100;

export function createRevocation({
  directory,
  register,
  audit,
  clock,
}: {
  readonly directory: SessionDirectory;
  readonly register: CredentialRegister;
  readonly audit: Audit;
  readonly clock: Clock;
}): Revocation {
  return {
    audit,
    find: register.find,
    revoke: async (filter, by) => {
      const sessionsEnded = await directory.end(filter, by);
      const issuedBefore = wholeSecond(clock.now().getTime() + marginMs);
      const { credentials, incomplete } = await register.find(filter);
      const roles = byRole(credentials, issuedBefore);
      const further = roles.length - maxListed;
      const facts = {
        ...{ by, idp: filter.idp, user: filter.user, issuedBefore: issuedBefore.toISOString() },
        ...{ credentials: credentials.length, roles: roles.slice(0, maxListed).map(({ roleArn }) => roleArn) },
        ...(further > 0 && { furtherRoles: further }),
      };
      await audit.record({ event: 'credentials_revoked', ...facts }, undefined);
      return { sessionsEnded, credentials: credentials.length, roles, incomplete };
    },
  };
}

function byRole(credentials: readonly RegisteredCredential[], issuedBefore: Date): RoleRevocation[] {
  const roles = new Map<string, RegisteredCredential[]>();
  for (const each of credentials) roles.set(each.roleArn, [...(roles.get(each.roleArn) ?? []), each]);
  return [...roles].map(([roleArn, all]) => {
    const owners = new Map(all.map(ownerOf).map((owner) => [JSON.stringify(owner), owner]));
    const until = wholeSecond(all.reduce((last, { expiresAt }) => Math.max(last, expiresAt), 0));
    return { roleArn, denied: { owners: [...owners.values()], issuedBefore, until } };
  });
}

/** SourceIdentity stays with the person when they assume other roles, and no template of a rule changes it. */
function ownerOf({ sourceIdentity, sessionName }: RegisteredCredential): SessionOwner {
  return sourceIdentity === undefined
    ? { by: 'UserId', name: sessionName }
    : { by: 'SourceIdentity', name: sourceIdentity };
}

/** The next one, since IAM compares whole seconds. */
function wholeSecond(milliseconds: number): Date {
  return new Date(Math.ceil(milliseconds / 1000) * 1000);
}
