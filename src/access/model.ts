// The words of the policy: who a person is, which accounts there are, which rules grant what.
import type { RoleArn } from './arn.ts';

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
}

export interface Account {
  readonly id: string;
  readonly alias: string;
  readonly name: string;
  readonly environment: string | undefined;
  readonly region: string | undefined;
  readonly owner: string | undefined;
  readonly labels: readonly string[];
}

export type Condition =
  | { readonly kind: 'group'; readonly value: string }
  | { readonly kind: 'groupPattern'; readonly pattern: RegExp }
  | { readonly kind: 'claim'; readonly name: string; readonly value: string }
  | { readonly kind: 'any' | 'all'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition };

export interface Requirement {
  /** Name of a set of contexts in the IdP's configuration, such as `mfa`. */
  readonly authnContext: string | undefined;
  readonly maxAuthenticationAgeMs: number | undefined;
}

export interface Rule {
  readonly name: string;
  /** Whom to ask for what it grants. */
  readonly ask: string | undefined;
  /** Whose word counts for this rule; undefined: every identity provider's. */
  readonly identityProviders: readonly string[] | undefined;
  readonly when: Condition;
  readonly grant: {
    /** Ids or aliases; `{name}` stands for a group captured by the pattern. */
    readonly accounts: readonly string[];
    readonly role: string;
    readonly maxDurationSeconds: number;
    readonly require: Requirement;
    readonly sourceIdentity: boolean;
    readonly description: string | undefined;
  };
}

export interface Policy {
  readonly partition: string;
  readonly provider: string;
  readonly region: string;
  readonly accounts: readonly Account[];
  readonly rules: readonly Rule[];
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
  readonly roleArn: RoleArn;
  readonly principalArn: string;
  readonly account: Account;
  readonly roleName: string;
  readonly region: string;
  readonly maxDurationSeconds: number;
  readonly rule: string;
  readonly description: string | undefined;
  readonly sourceIdentity: boolean;
  readonly stepUp: StepUp | undefined;
}
