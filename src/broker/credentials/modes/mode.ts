// The interface of a federation mode: prepare one session, describe it for the audit record, call AWS. One file for each
// mode beside this one.
import type { EligibleRole, FederationMode } from '../../../access/model.ts';
import type { AssumedRole } from '../../../aws/sts.ts';
import type { SignedInSession } from '../../sign-in/session.ts';
import type { Purpose } from '../granted-role.ts';
import type { SessionContent } from '../session-content.ts';

export interface SessionRequest {
  readonly session: SignedInSession;
  readonly role: EligibleRole;
  readonly content: SessionContent;
  readonly purpose: Purpose;
  readonly now: Date;
}

export interface PreparedSession {
  /** Leads from AWS's record to the broker's, besides the access key id: the id of an assertion or a token. */
  readonly facts: { readonly assertionId?: string };
  /** Whether the console's sign-in takes a SessionDuration with these credentials; if not, their own life counts. */
  readonly takesConsoleDuration: boolean;
  /** May be called twice, the second time for less. @throws BrokerError with one of the sts_ codes */
  redeem(durationSeconds: number): Promise<AssumedRole>;
}

/** Does not call AWS yet: the audit record of the intent comes first. @throws BrokerError for what cannot be prepared */
export type PrepareSession = (request: SessionRequest) => PreparedSession | Promise<PreparedSession>;

export type Modes = Readonly<Record<FederationMode, PrepareSession>>;
