// The vocabulary of the AD FS-like identity provider: what a test or the demo configures, and what it may observe.

import type { KeyPair } from '../keys.ts';

/** One directory user; `groups` carry their domain (`CORP\Name`). */
export interface AdfsUser {
  readonly username: string;
  readonly password: string;
  readonly upn: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
  readonly windowsAccountName: string;
  readonly groups: readonly string[];
  readonly groupSids?: readonly string[];
  readonly denyOnlySids?: readonly string[];
  /** Further claims by claim type URI. */
  readonly extraClaims?: Readonly<Record<string, readonly string[]>>;
}

/** What the trust's NameID rule issues; `none` is a trust without such a rule, which AD FS allows. */
type NameIdFormat = 'unspecified' | 'emailAddress' | 'persistent' | 'transient' | 'WindowsDomainQualifiedName' | 'none';

/** SamlResponseSignature of the relying party trust. */
type ResponseSignature = 'AssertionOnly' | 'MessageAndAssertion' | 'MessageOnly';

export type EncryptionAlgorithm = 'aes256-cbc' | 'aes256-gcm';

export type XmlSignatureAlgorithm = 'rsa-sha256' | 'rsa-sha1';

/** A relying party trust, with AD FS's defaults where a field is absent. */
export interface RelyingPartyTrust {
  readonly entityId: string;
  readonly acsUrl: string;
  readonly sloUrl?: string;
  /** Binding of messages to `sloUrl`; Redirect by default. */
  readonly sloBinding?: 'Redirect' | 'POST';
  /** SignedSamlRequestsRequired. */
  readonly requireSignedRequests?: boolean;
  /** PEM certificates that requests of this party may be signed with. */
  readonly signingCertificates?: readonly string[];
  /** Expected of requests and used for responses; rsa-sha256 by default. */
  readonly signatureAlgorithm?: XmlSignatureAlgorithm;
  readonly samlResponseSignature?: ResponseSignature;
  /** PEM; assertions are encrypted as soon as it is set (EncryptClaims). */
  readonly encryptionCertificate?: string;
  readonly encryptionAlgorithm?: EncryptionAlgorithm;
  readonly groupClaim?: 'qualified' | 'sid';
  readonly nameIdFormat?: NameIdFormat;
  /** Further audiences, after the entityID. */
  readonly additionalAudiences?: readonly string[];
  /** Issuance rules of the trust beyond those that every trust has: claims by claim type URI. */
  readonly claimRules?: (user: AdfsUser) => Readonly<Record<string, readonly string[]>>;
}

/** Configuration of one emulator. */
export interface AdfsOptions {
  readonly host?: string;
  readonly port?: number;
  /** Host name in published URLs, when it is not `host`. */
  readonly publicHost?: string;
  /** The whole published origin, for an emulator behind a proxy or a resolved name; wins over `publicHost`. */
  readonly publicUrl?: string;
  readonly tls?: KeyPair;
  /** `http://HOST/adfs/services/trust` by default: http even when the endpoints are https, as AD FS has it. */
  readonly entityId?: string;
  readonly now: () => Date;
  readonly users: readonly AdfsUser[];
  readonly relyingParties: readonly RelyingPartyTrust[];
  readonly signing: KeyPair;
  /** Published beside `signing` and promoted by `promoteSecondary`. */
  readonly secondarySigning?: KeyPair;
  readonly encryption: KeyPair;
  /** Shown under the sign-in form, for the demo's sample users. */
  readonly hint?: string;
  /** The one-time code everybody has; 123456 by default. */
  readonly oneTimeCode?: string;
  /** The sign-in that reaches `signIns` within the window is refused; six within 20 seconds by default. */
  readonly loopDetection?: false | { readonly signIns: number; readonly windowSeconds: number };
  /** Failures before an account is locked, and for how long; five and 60 seconds by default. */
  readonly lockout?: { readonly failures: number; readonly seconds: number };
  /** How long a single sign-on session lasts; eight hours by default. */
  readonly ssoLifetimeSeconds?: number;
}

type AdfsEventType =
  | 'authn-request'
  | 'credentials-accepted'
  | 'credentials-refused'
  | 'lockout'
  | 'token-issued'
  | 'status-response'
  | 'logout-request'
  | 'logout-response'
  | 'signed-out'
  | 'error';

/** One line of the event log. */
export interface AdfsEvent {
  readonly at: Date;
  readonly type: AdfsEventType;
  /** Number in AD FS's event log. */
  readonly eventId: number;
  /** MSIS code, where AD FS has one. */
  readonly code?: string;
  readonly message: string;
  readonly relyingParty?: string;
  readonly user?: string;
}

/** A NameID as issued. */
export interface NameId {
  readonly value: string;
  readonly format: string;
}

/** Every field of a Response that a test may set apart from what AD FS would do. */
export interface ResponseOverrides {
  readonly responseId?: string;
  readonly assertionId?: string;
  readonly issueInstant?: Date;
  readonly destination?: string | null;
  readonly responseIssuer?: string | null;
  readonly assertionIssuer?: string;
  readonly responseInResponseTo?: string | null;
  readonly confirmationInResponseTo?: string | null;
  readonly confirmationMethod?: string;
  readonly confirmationNotOnOrAfter?: Date | null;
  readonly confirmationNotBefore?: Date;
  readonly recipient?: string | null;
  readonly nameId?: NameId | null;
  readonly notBefore?: Date | null;
  readonly notOnOrAfter?: Date | null;
  readonly audiences?: readonly string[] | null;
  readonly claims?: Readonly<Record<string, readonly string[]>>;
  readonly authnInstant?: Date;
  readonly sessionIndex?: string | null;
  readonly sessionNotOnOrAfter?: Date;
  readonly authnContextClassRef?: string;
  readonly statusCodes?: readonly string[];
  readonly signature?: ResponseSignature | 'None';
  readonly signatureAlgorithm?: XmlSignatureAlgorithm;
  readonly signingKey?: KeyPair;
  /** `false` leaves the assertion in the clear although the trust has a certificate. */
  readonly encrypt?: boolean;
  /** Change the assertion before it is signed. */
  readonly editAssertion?: (xml: string) => string;
  /** Change the assertion after it was signed, before it is encrypted. */
  readonly editSignedAssertion?: (xml: string) => string;
  /** Change the whole Response before it is signed. */
  readonly editResponse?: (xml: string) => string;
}

/** What `issueResponse` is asked for. */
export interface IssueInput {
  readonly username: string;
  /** entityID of the relying party. */
  readonly relyingParty: string;
  /** ID of the AuthnRequest; absent for an unsolicited response. */
  readonly inResponseTo?: string;
  readonly overrides?: ResponseOverrides;
}

/** A running emulator. */
export interface Adfs {
  readonly url: string;
  readonly entityId: string;
  readonly metadataUrl: string;
  /** The sign-on, POST and logout endpoint. */
  readonly ssoUrl: string;
  readonly events: readonly AdfsEvent[];
  metadata(): string;
  setRelyingParties(relyingParties: readonly RelyingPartyTrust[]): void;
  /** Certificate rollover: the secondary key signs from now on, the former stays published. */
  promoteSecondary(): void;
  /** The base64 SAMLResponse for a user, without a browser. */
  issueResponse(input: IssueInput): string;
  close(): Promise<void>;
}
