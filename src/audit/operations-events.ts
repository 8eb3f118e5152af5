// Audit events of operators and administrators, of the company's identity system, and of the configuration.
import type { ErrorCode, SamlReason } from '../errors.ts';

/** An administrator ended sessions: one, of a user, of an identity provider, or all. */
type SessionsEvent = {
  readonly event: 'sessions_ended';
  readonly by: string;
  readonly session: string | undefined;
  readonly idp: string | undefined;
  readonly user: string | undefined;
  readonly browserSessions: number;
  readonly cliSessions: number;
};

/** The company's identity system says that a person has left, lost their sessions, or is back. */
type OffboardingEvent =
  | {
      readonly event: 'offboarding_received';
      /** Who sent it, by its id in the configuration: `events:ID` or `scim:ID`. */
      readonly by: string;
      readonly signal: 'session-revoked' | 'account-disabled' | 'account-deleted' | 'account-enabled';
      readonly idp: string;
      readonly user: string;
      /** `jti` of a security event. */
      readonly eventId?: string;
      readonly sessionsEnded?: number;
      /** A newer signal says something else, which stays in force. */
      readonly outdated?: true;
    }
  /** A good token with an event that the broker does not act on. */
  | { readonly event: 'offboarding_ignored'; readonly by: string; readonly eventId: string }
  | {
      readonly event: 'offboarding_refused';
      readonly by: string;
      readonly received?: string;
      readonly expected?: string;
      readonly algorithm?: string;
      readonly code: ErrorCode;
      readonly reason: SamlReason | undefined;
      readonly detail: string;
    };

/** An administrator looked at sessions and at issued credentials. */
type SessionsViewedEvent = {
  readonly event: 'sessions_viewed';
  readonly idp: string;
  readonly user: string;
  readonly about: string | undefined;
  readonly aboutIdp: string | undefined;
  /** How many there are; undefined where the look was at the other ones only. */
  readonly sessions?: number;
  readonly credentials?: number;
};

/** An operator revokes credentials that AWS still accepts. */
type RevocationEvent =
  | {
      readonly event: 'credentials_revoked';
      readonly by: string;
      readonly idp: string | undefined;
      readonly user: string | undefined;
      /** `aws:TokenIssueTime` from which on credentials are not denied. */
      readonly issuedBefore: string;
      readonly credentials: number;
      /** ARNs for which there is a deny policy. */
      readonly roles: readonly string[];
      /** Roles that are not in the list. */
      readonly furtherRoles?: number;
    }
  | {
      /** A deny policy was put on a role or removed from it, with the operator's own AWS credentials, or that failed. */
      readonly event: 'revocation_policy';
      readonly by: string;
      readonly roleArn: string;
      readonly action: 'put' | 'removed' | 'failed';
      /** When nothing is left that the policy denies. */
      readonly until?: string;
      /** It denies all sessions of the role from before that time, since the names do not fit. */
      readonly deniesEveryone?: true;
      readonly detail?: string;
    };

/** A changed setting; the values of secrets are not here. */
interface ConfigChange {
  readonly path: string;
  readonly from?: string;
  readonly to?: string;
  readonly secret?: 'changed';
}

/** What an operator changes with a command; `by` is NAME@HOST. */
type OperatorEvent = { readonly by: string } & (
  | {
      /** Responses of this identity provider are checked by samples again. */
      readonly event: 'verification_reset';
      readonly idp: string;
    }
  | {
      /** A copy of an identity provider's metadata for the running processes; each records what it takes up. */
      readonly event: 'metadata_stored';
      readonly idp: string;
      /** SHA-256 fingerprints of signing certificates. */
      readonly certificates: readonly string[];
    }
  | {
      /** A step of replacing a key pair. */
      readonly event: 'key_rotated';
      readonly key: 'aws' | 'sp';
      /** `made`: the next pair is there; `swapped`: from the next start on it signs; `retired`: the old one is deleted. */
      readonly step: 'made' | 'swapped' | 'retired';
      /** SHA-256 fingerprint of the new certificate; of the old one where it is retired. */
      readonly certificate: string;
    }
);

/** A process serves from here on. */
type StartEvent = {
  readonly event: 'broker_started';
  /** Of the configuration. */
  readonly version: string;
  readonly isProduction: boolean;
  /** SHA-256 fingerprints of the certificates of the keys that sign. */
  readonly mintingCertificate: string;
  readonly requestCertificate: string | undefined;
};

export type OperationsEvent =
  | SessionsEvent
  | SessionsViewedEvent
  | OffboardingEvent
  | OperatorEvent
  | StartEvent
  | RevocationEvent
  | {
      readonly event: 'config_reloaded';
      readonly trigger: 'file' | 'signal' | 'organization';
      readonly previousVersion: string;
      readonly version: string;
      readonly changes: readonly ConfigChange[];
      /** Changes that are not in the list. */
      readonly furtherChanges?: number;
      /** Settings that are different in the file and stay as they were until a restart. */
      readonly needRestart: readonly string[];
    }
  | {
      readonly event: 'config_rejected';
      readonly trigger: 'file' | 'signal' | 'organization';
      /** Stays in force. */
      readonly version: string;
      readonly problems: readonly string[];
      readonly furtherProblems?: number;
    };
