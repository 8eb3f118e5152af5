// The audit events and their types. Ids, codes, ARNs and names: never an assertion, token, credential or group list.
import type { ErrorCode, SamlReason } from '../errors.ts';
import type { ChainEvent } from './chain/chain-events.ts';
import type { OperationsEvent } from './operations-events.ts';

/** Where a request came from. */
export interface RequestFacts {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  /** Name of the CLI session that asks; undefined for a browser. */
  readonly cliSession?: string | undefined;
  /** Its machine, as it described itself. */
  readonly machine?: string | undefined;
}

interface Person {
  readonly idp: string;
  readonly user: string;
}

export interface CredentialFacts extends Person {
  readonly purpose: 'credentials' | 'console';
  readonly roleArn: string;
  /** What else the assertion opens, where the person chooses at the AWS sign-in page: CloudTrail says which it was. */
  readonly otherRoleArns?: readonly string[];
  /** Federation mode: how the credentials are got. */
  readonly mode: string;
  readonly roleSessionName: string;
  readonly rule: string;
  /** ID of the assertion that goes to AWS, minted or forwarded: CloudTrail shows it as sAMLAssertionID. Without one the access key id joins the two. */
  readonly assertionId?: string;
  /** ID of the IdP's assertion: leads back to the sign-in. */
  readonly signInAssertionId: string;
  /** Id of the portal's session policy that limits the session. */
  readonly sessionPolicy?: string;
}

/** What a machine says about itself: its own words. */
interface DeviceFacts {
  readonly deviceHost: string;
  readonly deviceOs: string;
  readonly deviceUser: string;
}

interface GrantFacts extends Person {
  /** Name of the command-line grant, in every record about it. */
  readonly grant: string;
  /** ID of the IdP's assertion: leads back to the sign-in. */
  readonly signInAssertionId: string;
}

/** Sign-in on the command line. */
type CommandLineEvent =
  | ({ readonly event: 'command_line_asked'; readonly isRemote: boolean } & DeviceFacts)
  | ({ readonly event: 'command_line_confirmed'; readonly askedFrom: string } & GrantFacts & DeviceFacts)
  | ({
      readonly event: 'command_line_denied';
      readonly reason: 'not_me' | 'cancelled' | 'wrong_code' | 'role_not_granted';
      readonly askedFrom: string;
    } & Person &
      DeviceFacts)
  /** The code was redeemed: from here on there are tokens. */
  | ({ readonly event: 'grant_opened'; readonly askedFrom: string } & GrantFacts & DeviceFacts)
  /** The machine has new tokens for its CLI session. */
  | ({ readonly event: 'tokens_refreshed' } & GrantFacts & DeviceFacts)
  | ({ readonly event: 'grant_ended'; readonly reason: 'revoked' | 'reuse' } & GrantFacts)
  | ({ readonly event: 'grants_ended'; readonly ended: number } & Person)
  | { readonly event: 'token_refused'; readonly endpoint: string; readonly code: string; readonly detail: string };

export type AuditEvent =
  | OperationsEvent
  | ChainEvent
  | CommandLineEvent
  | ({ readonly event: 'sign_in'; readonly assertionId: string; readonly authnContexts: readonly string[] } & Person)
  | {
      readonly event: 'sign_in_refused';
      readonly idp: string | undefined;
      /** Quoted and cut: what the message had, what it should have, which algorithm it used. */
      readonly received?: string;
      readonly expected?: string;
      readonly algorithm?: string;
      readonly code: ErrorCode;
      readonly reason: SamlReason | undefined;
      readonly detail: string;
    }
  | ({
      readonly event: 'sign_out';
      /** Sessions of the same SessionIndex that ended with it. */
      readonly otherSessions?: number;
      /** Command-line grants that the person ended with it. */
      readonly grants?: number;
    } & Person)
  | {
      /** An identity provider's LogoutRequest was carried out. */
      readonly event: 'logout_requested';
      readonly idp: string;
      readonly nameId: string;
      /** Of an OpenID provider: `jti` of the logout token, and `sid`; `nameId` is its `sub`. */
      readonly logoutRequestId: string;
      readonly sid?: string;
      readonly sessionsEnded: number;
      readonly grantsEnded: number;
      /** Sessions under this NameID that the message did not match; they go on, and the answer says that it failed. */
      readonly unmatchedSessions?: number;
    }
  | ({
      /** What the identity provider said to our LogoutRequest. */
      readonly event: 'logout_answered';
      readonly outcome: 'complete' | 'partial' | 'failed';
      readonly status: string;
    } & Person)
  | {
      readonly event: 'logout_refused';
      readonly idp: string | undefined;
      readonly message: 'LogoutRequest' | 'LogoutResponse' | 'LogoutToken' | undefined;
      readonly received?: string;
      readonly expected?: string;
      readonly algorithm?: string;
      readonly code: ErrorCode;
      readonly reason: SamlReason | undefined;
      readonly detail: string;
    }
  | {
      /** Further refusals of one kind in one minute, after those that have their own records. */
      readonly event: 'refusals_counted';
      readonly refused: string;
      readonly code: string | undefined;
      readonly reason: string | undefined;
      /** Undefined: from all addresses that do not have their own count. */
      readonly sourceIp: string | undefined;
      readonly counted: number;
      /** Start of the minute. */
      readonly since: string;
    }
  | ({ readonly event: 'credentials_requested' } & CredentialFacts)
  | ({
      readonly event: 'credentials_issued';
      readonly accessKeyId: string;
      readonly assumedRoleArn: string;
      readonly expiresAt: string;
    } & CredentialFacts)
  | ({
      /** An assertion went to the person's browser, which posts it to the AWS sign-in page; what comes of it AWS knows. */
      readonly event: 'console_posted';
      readonly destination: string;
      /** Recipient of the assertion. */
      readonly signin: string;
      readonly sessionExpiresAt: string;
      readonly trustedReferrer?: string;
    } & CredentialFacts)
  | ({ readonly event: 'credentials_refused'; readonly code: ErrorCode; readonly detail: string } & CredentialFacts)
  | ({
      readonly event: 'role_refused';
      readonly roleArn: string;
      readonly code: ErrorCode;
      /** Of a step-up: the authentication contexts that came, and those of which one is needed. */
      readonly received?: string;
      readonly expected?: string;
    } & Person)
  | ({
      /** The reference verifier disagreed with an accepted response. From now on it checks this IdP's responses first. */
      readonly event: 'verification_disagreed';
      readonly assertionId: string;
      /** What differed; never a value of the message. */
      readonly detail: string;
      /** Whether the sign-in had a session already, which then ended. */
      readonly sessionEnded: boolean;
    } & Person)
  | {
      /** The first keys of an identity provider that this process believes, compared with those of the previous start. */
      readonly event: 'idp_keys_in_force';
      readonly idp: string;
      readonly entityId: string;
      /** SHA-256 fingerprints of signing certificates. */
      readonly certificates: readonly string[];
      /** `first_start`: there is no earlier list; `not_possible`: the store did not answer. */
      readonly comparison: 'first_start' | 'previous_start' | 'not_possible';
      readonly addedCertificates: readonly string[];
      readonly removedCertificates: readonly string[];
    }
  | {
      /** What this process believes about an identity provider has changed. */
      readonly event: 'idp_metadata_changed';
      readonly idp: string;
      readonly origin: 'file' | 'url' | 'store';
      /** SHA-256 fingerprints of signing certificates. */
      readonly addedCertificates: readonly string[];
      readonly removedCertificates: readonly string[];
      /** New values of the entityID and the addresses that differ. */
      readonly changed: Readonly<Record<string, string>>;
    }
  | ({
      /** An administrator asked which roles a person with some groups would have. */
      readonly event: 'roles_explained';
      readonly about: string;
      readonly groups: number;
    } & Person)
  | ({ readonly event: 'refusals_viewed'; readonly shown: number } & Person)
  | ({
      /** An administrator looked at the activity of all people, or of one. */
      readonly event: 'activity_viewed';
      readonly about: string | undefined;
      readonly aboutIdp: string | undefined;
      readonly days: number;
    } & Person)
  /** An administrator looked at keys and metadata, or at the configuration. */
  | ({ readonly event: 'configuration_viewed'; readonly page: 'keys' | 'configuration' } & Person)
  | ({
      readonly event: 'console_opened';
      readonly roleArn: string;
      readonly destination: string;
      readonly sessionExpiresAt: string;
      /** The origin whose link opened it without asking the person. */
      readonly trustedReferrer?: string;
    } & Person);

export interface Audit {
  /**
   * Resolves when the record is written.
   * @param request undefined for what the broker does of itself
   * @throws BrokerError audit_unavailable
   */
  record(event: AuditEvent, request: RequestFacts | undefined): Promise<void>;
}
