// The words of the policy: who a person is, which accounts there are, which rules grant what.
import type { Network } from '../networks.ts';
import type { RoleArn } from './arn.ts';

/** How credentials are got. A rule's word counts before its account's, and that before the configuration's. */
export const federationModes = [
  'mint',
  'forward',
  'browser-post',
  'assume-role',
  'web-identity',
  'federation-token',
] as const;
export type FederationMode = (typeof federationModes)[number];

/** A person as their IdP vouched for them. Everything the policy may read, and nothing that was not signed. */
export interface Identity {
  readonly idp: string;
  readonly user: string;
  /** Where `user` came from: `nameId` or the name of an attribute. Part of the principal's key. */
  readonly userSource: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  readonly claims: Readonly<Record<string, readonly string[]>>;
  readonly authnContexts: readonly string[];
  /** Milliseconds since 1970: the moment of sign-in at the IdP. */
  readonly authnInstant: number;
  /** It is the moment of the answer: the sign-in may have been hours before, so it is too old for every rule. */
  readonly isAuthnInstantGuessed?: true;
}

export interface Account {
  readonly id: string;
  readonly alias: string;
  readonly name: string;
  readonly environment: string | undefined;
  readonly region: string | undefined;
  readonly owner: string | undefined;
  readonly labels: readonly string[];
  readonly mode: FederationMode | undefined;
  /** Name of its SAML provider, where it is not called as everywhere else. */
  readonly provider?: string | undefined;
}

export type Condition =
  | { readonly kind: 'group'; readonly value: string }
  | { readonly kind: 'groupPattern'; readonly pattern: string }
  | { readonly kind: 'claim'; readonly name: string; readonly value: string }
  | { readonly kind: 'any' | 'all'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

export interface Requirement {
  /** Name of a set of contexts in the IdP's configuration, such as `mfa`. */
  readonly authnContext: string | undefined;
  readonly maxAuthenticationAgeMs: number | undefined;
  /** Where requests may come from; undefined: from everywhere. */
  readonly networks?: readonly Network[] | undefined;
}

export interface Rule {
  readonly name: string;
  /** Whom to ask for what it grants. */
  readonly ask: string | undefined;
  /** Whose word counts for this rule; undefined: every identity provider's. */
  readonly identityProviders: readonly string[] | undefined;
  readonly when: Condition;
  readonly grant: {
    /** Ids or aliases; `{name}` is replaced with a group captured by the pattern. */
    readonly accounts: readonly string[];
    readonly role: string;
    readonly maxDurationSeconds: number;
    /** The role's own MaxSessionDuration, where the configuration has it. */
    readonly roleMaxDurationSeconds: number | undefined;
    readonly require: Requirement;
    readonly sourceIdentity: boolean;
    readonly description: string | undefined;
    readonly mode: FederationMode | undefined;
    readonly session: SessionRules;
  };
}

/** What a rule puts into the sessions that it gives. */
export interface SessionRules {
  /** Of RoleSessionName; undefined: the person's name. */
  readonly nameTemplate: string | undefined;
  readonly tags: readonly TagRule[];
  readonly transitiveTagKeys: readonly string[];
  /** A policy document: the session has what the role and this both allow. */
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
  /** Networks that its credentials work from; undefined: from everywhere. */
  readonly sourceIp?: readonly string[] | undefined;
}

export interface TagRule {
  readonly key: string;
  readonly from: TagSource;
  /** Whether a person without a value gets a session without the tag, instead of a refusal. */
  readonly isOptional: boolean;
}

export type TagSource =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'claim'; readonly name: string }
  | { readonly kind: 'identity'; readonly field: 'user' | 'displayName' | 'idp' };

/** What the mode `forward` needs to know. */
export interface ForwardPolicy {
  /** Names of the attributes that AWS reads begin with it. */
  readonly attributePrefix: string;
  /** By identity provider: the SAML provider that holds its metadata, the same in every account. */
  readonly providers: Readonly<Record<string, string>>;
}

/** Who gets nothing; made by `denyList`. */
export interface Deny {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

export interface Policy {
  readonly partition: string;
  readonly provider: string;
  readonly region: string;
  readonly mode: FederationMode;
  /** Whether `assume-role` chains: from a role to the next one AWS gives an hour, whatever the role allows. */
  readonly chainsRoles: boolean;
  /** Undefined where no rule forwards. */
  readonly forward?: ForwardPolicy | undefined;
  readonly accounts: readonly Account[];
  readonly rules: readonly Rule[];
  readonly deny?: Deny | undefined;
  /** By IdP, then by name: the AuthnContextClassRefs that satisfy it. */
  readonly authnContexts: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What a stronger or fresher sign-in has to bring before this role is given. */
export interface StepUp {
  readonly reason: 'authn_context' | 'authentication_age';
  /** Contexts to ask the IdP for; empty if only freshness is missing. */
  readonly contexts: readonly string[];
}

export interface EligibleRole {
  /** In the mode `federation-token`, which knows no role, the ARN of a federated user: a name for this grant. */
  readonly roleArn: RoleArn;
  readonly mode: FederationMode;
  /** The SAML provider in the role's account. */
  readonly principalArn: string;
  readonly account: Account;
  readonly roleName: string;
  readonly region: string;
  /** Seconds that credentials last at most, as far as can be known before AWS is asked. */
  readonly maxDurationSeconds: number;
  /** What decides that. */
  readonly durationLimitedBy: 'rule' | 'role' | 'chaining' | 'session';
  /** Seconds that the rule allows: a console session is bound by nothing else where AWS takes its SessionDuration. */
  readonly ruleDurationSeconds: number;
  readonly session: SessionRules;
  /** RoleSessionName in the mode `forward`, where the identity provider gives it. */
  readonly sessionName?: string | undefined;
  readonly rule: string;
  readonly description: string | undefined;
  readonly sourceIdentity: boolean;
  readonly stepUp: StepUp | undefined;
}
