// What offboarding signals leave behind: who is disabled until the identity provider blocks them, and from when on sign-ins
// of a person count. Names are compared as in the deny-list, so that no other spelling slips through.
import { z } from 'zod';
import { foldedName } from '../../access/denied.ts';
import type { Identity } from '../../access/model.ts';
import { BrokerError, samlRefusal } from '../../errors.ts';
import type { SharedRecords } from '../../store/shared-records.ts';

export interface OffboardedPerson {
  /** Id in the configuration. */
  readonly idp: string;
  readonly user: string;
}

const accountShape = z.object({
  state: z.enum(['enabled', 'disabled', 'deleted']),
  /** When it came to be so, in milliseconds since 1970: an older signal that arrives later does not count. */
  since: z.number(),
});
export type AccountState = z.output<typeof accountShape>['state'];

/** Every method throws BrokerError store_unavailable. */
export interface KeptOut {
  /** `enabled` for everyone about whom there was no signal. */
  stateOf(person: OffboardedPerson): Promise<AccountState>;
  /** @returns false if a newer signal, or one of the same moment that keeps out, said something else */
  setState(person: OffboardedPerson, state: AccountState, since: Date): Promise<boolean>;
  /** Answers that the identity provider issued before do not open a session any more. */
  revoke(person: OffboardedPerson, before: Date): Promise<void>;
  /** To be asked after a session is registered: of a signal at the same time, one sees the other. */
  refusal(identity: Identity, issuedAt: Date): Promise<BrokerError | undefined>;
  isDisabled(person: OffboardedPerson): Promise<boolean>;
}

/** @param lifetimeMs the longest session: by then the identity provider has to block the person */
export function createKeptOut(records: SharedRecords, lifetimeMs: number): KeptOut {
  const nameOf = (kind: string, { idp, user }: OffboardedPerson) => JSON.stringify([kind, idp, foldedName(user)]);
  const account = (person: OffboardedPerson) => records.read(nameOf('account', person), accountShape);
  const isDisabled = async (person: OffboardedPerson) => {
    const found = await account(person);
    return found !== undefined && found.state !== 'enabled';
  };
  const revokedBefore = async (person: OffboardedPerson) =>
    (await records.read(nameOf('revoked', person), z.number())) ?? 0;
  return {
    stateOf: async (person) => (await account(person))?.state ?? 'enabled',
    setState: async (person, state, since) => {
      const found = await account(person);
      // Of two signals of one moment, which often is a whole second, the one that keeps out counts.
      const isTie = found?.since === since.getTime() && found.state !== 'enabled' && state === 'enabled';
      if (found && (found.since > since.getTime() || isTie)) return false;
      await records.write(nameOf('account', person), { state, since: since.getTime() }, lifetimeMs);
      return true;
    },
    revoke: async (person, before) => {
      const latest = Math.max(before.getTime(), await revokedBefore(person));
      await records.write(nameOf('revoked', person), latest, lifetimeMs);
    },
    refusal: async (identity, issuedAt) => {
      const [disabled, before] = await Promise.all([isDisabled(identity), revokedBefore(identity)]);
      if (disabled) return new BrokerError('access_denied', 'an offboarding signal has disabled this user');
      if (issuedAt.getTime() >= before) return undefined;
      return samlRefusal('expired', 'an offboarding signal has revoked what was issued before');
    },
    isDisabled,
  };
}
