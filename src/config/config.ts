// The configuration as the program uses it: files read, keys parsed, rules compiled. Made by load.ts only.
import type { Policy } from '../access/model.ts';
import type { Partition } from '../aws/partitions.ts';
import type { MetadataRules } from '../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../saml/metadata/idp-metadata.ts';
import type { RedisSettings } from '../store/redis.ts';
import type { AssumeRoleSettings, FederationTokenSettings } from './federation.ts';
import type { LoadedKeyPair } from './keys.ts';
import type { OpenidProvider } from './openid-provider.ts';
import type { Portal } from './portal.ts';
import type { RawConfig } from './schema.ts';
import type { WebIdentitySettings } from './web-identity.ts';

export interface IdentityProvider {
  readonly id: string;
  readonly label: string;
  /** From a file. Undefined where it comes from a URL, and where the file is out of date. */
  readonly metadata: IdpMetadata | undefined;
  readonly metadataSource: MetadataSource;
  readonly unsolicited: RawConfig['identityProviders'][number]['unsolicited'];
  readonly wantAssertionsSigned: boolean;
  readonly wantResponseSigned: boolean;
  readonly clockSkewMs: number;
  readonly attributes: RawConfig['identityProviders'][number]['attributes'];
}

/** Where metadata comes from (one of file and url), and what it must be to be believed. */
export interface MetadataSource {
  /** Absolute. */
  readonly file: string | undefined;
  readonly url: string | undefined;
  readonly refreshMs: number;
  readonly rules: MetadataRules;
}

/** What pages and rules need to know of an identity provider, whatever it speaks. */
export type SignInSystem = Pick<IdentityProvider, 'id' | 'label' | 'attributes'>;

export interface Config {
  readonly mode: 'production' | 'development';
  /** An origin, without trailing slash. */
  readonly baseUrl: string;
  readonly acsUrl: string;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly trustProxy: readonly string[];
    readonly tls: { readonly key: string; readonly cert: string } | undefined;
  };
  readonly operations: { readonly host: string; readonly port: number };
  readonly store: { readonly type: 'memory' } | ({ readonly type: 'redis' } & RedisSettings);
  readonly session: {
    readonly idleTimeoutMs: number;
    readonly absoluteTimeoutMs: number;
    readonly secrets: readonly string[];
  };
  readonly serviceProvider: {
    readonly entityId: string;
    readonly signing: LoadedKeyPair | undefined;
    /** PEM: published beside the key in use, before they take its place. */
    readonly nextSigning: readonly string[];
    /** Keys for encrypted assertions: the first is published, the second may still be in use at an IdP. */
    readonly encryption: readonly LoadedKeyPair[];
    readonly metadata: { readonly isSigned: boolean; readonly validForMs: number | undefined };
    readonly contact: RawConfig['serviceProvider']['contact'];
    readonly organization: RawConfig['serviceProvider']['organization'];
  };
  /** Those that speak SAML. */
  readonly identityProviders: readonly IdentityProvider[];
  readonly openidProviders: readonly OpenidProvider[];
  /** Both kinds, in the order of the file; people of the first keep their plain names at AWS. */
  readonly signInSystems: readonly SignInSystem[];
  readonly aws: {
    readonly partition: Partition;
    readonly region: string;
    /** Where STS is asked after a region that does not answer. */
    readonly fallbackRegions: readonly string[];
    readonly fips: boolean;
    readonly issuer: string;
    readonly signing: LoadedKeyPair;
    /** PEM: published beside the minting certificate in use, before it takes its place. */
    readonly nextSigningCertificate: string | undefined;
    readonly endpoints: {
      readonly sts: string | undefined;
      readonly signin: string | undefined;
      readonly iam: string | undefined;
    };
    readonly assumeRole: AssumeRoleSettings;
    readonly federationToken: FederationTokenSettings;
    readonly webIdentity: WebIdentitySettings | undefined;
  };
  readonly policy: Policy;
  /** Names of the claims that rules read: a session keeps no others. */
  readonly claimNames: readonly string[];
  readonly audit: RawConfig['audit'];
  /** For GET /login, POST /saml/acs and whatever else begins a sign-in. */
  readonly limits: RawConfig['limits'];
  readonly logLevel: string;
  readonly portal: Portal;
  readonly commandLine: RawConfig['commandLine'];
  /** In development: each rule of production that is relaxed. One loud line for each at the start. */
  readonly warnings: readonly string[];
}

/** Every problem of a configuration, each with the path of its key. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    super(
      `${source}: ${problems.length} problem${problems.length === 1 ? '' : 's'}\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
