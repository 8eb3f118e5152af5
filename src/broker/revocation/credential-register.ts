// What AWS still accepts of the credentials and consoles that the broker issued: who has them, for which role, until when.
// No secret is in it.
import { z } from 'zod';
import type { EligibleRole, Identity } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { SealedSets } from '../../store/sealed-sets.ts';
import type { SessionNames } from '../credentials/session-content.ts';

export const registeredShape = z.object({
  idp: z.string(),
  user: z.string(),
  roleArn: z.string(),
  /** Federation mode. */
  mode: z.string(),
  purpose: z.enum(['credentials', 'console']),
  /** RoleSessionName; of a federated user its name. */
  sessionName: z.string(),
  /** As AWS has it; undefined where the broker did not set it. */
  sourceIdentity: z.string().optional(),
  /** Undefined where the browser got the credentials from AWS. */
  accessKeyId: z.string().optional(),
  /** Milliseconds since 1970. */
  issuedAt: z.number(),
  expiresAt: z.number(),
});
export type RegisteredCredential = Readonly<z.output<typeof registeredShape>>;

/** Of one person. Who has more gets what the shortest of them were only from the audit trail. */
export const maxRegistered = 1000;

/** Whose: of a user, of an identity provider, or of all. */
export interface CredentialFilter {
  readonly user?: string | undefined;
  readonly idp?: string | undefined;
}

interface IssuedCredential {
  readonly purpose: RegisteredCredential['purpose'];
  readonly accessKeyId?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface CredentialRegister {
  /**
   * Adds one for each role, then asks whether the session lives. Who revokes ends the sessions first and reads the register
   * then: what came too late to be found there belongs to a session that has ended.
   * @throws BrokerError unauthenticated or store_unavailable
   */
  add(
    to: { readonly identity: Identity; readonly isLive: () => Promise<boolean> },
    roles: readonly EligibleRole[],
    names: SessionNames,
    issued: IssuedCredential,
  ): Promise<void>;
  /** What has not expired. @throws BrokerError store_unavailable */
  find(filter: CredentialFilter): Promise<RegisteredCredentials>;
}

export interface RegisteredCredentials {
  /** What expires last comes first. */
  readonly credentials: readonly RegisteredCredential[];
  /** Users who have as many as are kept: there may be more. */
  readonly incomplete: readonly string[];
}

export function createCredentialRegister({
  sets,
  clock,
}: {
  readonly sets: SealedSets<RegisteredCredential>;
  readonly clock: Clock;
}): CredentialRegister {
  return {
    add: async ({ identity, isLive }, roles, { roleSessionName, sourceIdentity }, issued) => {
      const { idp, user } = identity;
      const now = clock.now().getTime();
      const records = roles.map(({ roleArn, mode }) => {
        // In the mode `forward` the identity provider alone decides about a SourceIdentity.
        const known = mode === 'forward' ? undefined : sourceIdentity;
        const names = { sessionName: roleSessionName, ...(known === undefined ? {} : { sourceIdentity: known }) };
        return { idp, user, roleArn, mode, ...names, issuedAt: now, ...issued };
      });
      const ttlMs = Math.max(0, issued.expiresAt - now);
      if (await sets.addThen(principalKey(identity), records, ttlMs, isLive)) return;
      throw new BrokerError('unauthenticated', 'the session ended while the request was under way');
    },
    find: async ({ user, idp }) => {
      const now = clock.now().getTime();
      const credentials: RegisteredCredential[] = [];
      const incomplete = new Set<string>();
      for await (const all of sets.all()) {
        const meant = all.filter((each) => (user ?? each.user) === each.user && (idp ?? each.idp) === each.idp);
        if (all.length >= maxRegistered) for (const each of meant) incomplete.add(each.user);
        credentials.push(...lastOfEach(meant).filter(({ expiresAt }) => expiresAt > now));
      }
      credentials.sort((a, b) => b.expiresAt - a.expiresAt);
      return { credentials, incomplete: [...incomplete].sort() };
    },
  };
}

/** A console that lasts longer than the credentials it was opened with has a second record under the same access key. */
function lastOfEach(all: readonly RegisteredCredential[]): RegisteredCredential[] {
  const byKey = new Map<string, RegisteredCredential>();
  const rest: RegisteredCredential[] = [];
  for (const each of all) {
    if (each.accessKeyId === undefined) rest.push(each);
    else if (each.expiresAt > (byKey.get(each.accessKeyId)?.expiresAt ?? 0)) byKey.set(each.accessKeyId, each);
  }
  return [...byKey.values(), ...rest];
}
