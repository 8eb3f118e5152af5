// The accounts, roles, users and SAML providers the emulator knows, and their look-up by ARN.
import { createHash, type KeyObject } from 'node:crypto';
import type { EmulatedRepository } from './codecommit/repositories.ts';
import { partitionNames } from './hosts.ts';
import type { EmulatedKmsKey } from './kms/kms-keys.ts';
import type { EmulatedFunction } from './lambda/lambda-functions.ts';
import type { EmulatedMachine } from './machine/machine.ts';
import type { EmulatedOrganization } from './organizations/organizations.ts';
import type { EmulatedDatabase } from './rds/databases.ts';
import type { EmulatedBucket } from './s3/s3-objects.ts';
import { parseProviderMetadata } from './saml/saml-metadata.ts';
import type { EmulatedParameter } from './values/parameter-store.ts';
import type { EmulatedSecret } from './values/secrets-manager.ts';

/** An IAM role. */
export interface EmulatedRole {
  readonly name: string;
  /** Default `/`. */
  readonly path?: string;
  /** Seconds, 3600..43200, default 3600. */
  readonly maxSessionDuration?: number;
  /** IAM JSON, as an object. */
  readonly trustPolicy: unknown;
  /** Identity policies, as objects: what a session of this role may do. Without any: nothing. */
  readonly policies?: readonly unknown[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** An IAM user with one long-term access key. */
export interface EmulatedUser {
  readonly name: string;
  /** Default `/`. */
  readonly path?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** An access key that was switched off is as good as none. */
  readonly isInactive?: boolean;
  /** Identity policies, as objects. */
  readonly policies?: readonly unknown[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly mfaDevices?: readonly EmulatedMfaDevice[];
}

/** A virtual MFA device: RFC 6238 with SHA-1, six digits, 30 seconds. */
export interface EmulatedMfaDevice {
  /** `arn:aws:iam::ACCOUNT:mfa/NAME`. */
  readonly serialNumber: string;
  /** base32. */
  readonly seed: string;
}

/** An OpenID Connect provider of IAM. */
export interface EmulatedOidcProvider {
  /** The issuer. https; http only on this very machine, so that a demonstration needs no certificate. */
  readonly url: string;
  readonly clientIds: readonly string[];
  /** SHA-1 in 40 hex digits. Kept and shown; STS trusts public certificate authorities without them, and so it does here. */
  readonly thumbprints?: readonly string[];
}

/** A SAML provider with more than its metadata. */
export interface EmulatedSamlProvider {
  readonly metadata: string;
  /** `Required`: a plain assertion is refused (A5). */
  readonly assertionEncryptionMode?: 'Required' | 'Allowed';
}

/** One AWS account. */
export interface EmulatedAccount {
  readonly id: string;
  readonly name: string;
  readonly alias?: string;
  /** Provider name to metadata XML. */
  readonly samlProviders?: Readonly<Record<string, string | EmulatedSamlProvider>>;
  readonly oidcProviders?: readonly EmulatedOidcProvider[];
  readonly roles: readonly EmulatedRole[];
  readonly users?: readonly EmulatedUser[];
  /** The access key of the account's root. */
  readonly rootKey?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly buckets?: readonly EmulatedBucket[];
  readonly functions?: readonly EmulatedFunction[];
  readonly repositories?: readonly EmulatedRepository[];
  readonly databases?: readonly EmulatedDatabase[];
  readonly kmsKeys?: readonly EmulatedKmsKey[];
  readonly secrets?: readonly EmulatedSecret[];
  readonly parameters?: readonly EmulatedParameter[];
  /** Regions in which this account switched STS off. */
  readonly disabledStsRegions?: readonly string[];
}

/** Everything there is in one partition. */
export interface Estate {
  /** Default `aws`. */
  readonly partition?: string;
  readonly accounts: readonly EmulatedAccount[];
  /** What runs beside the emulator and gets a role from the place where it runs. */
  readonly machine?: EmulatedMachine;
  readonly organization?: EmulatedOrganization;
}

/** A provider with its parsed metadata. */
export interface ProviderRecord {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  readonly entityId: string;
  readonly keys: readonly KeyObject[];
  readonly requiresEncryption: boolean;
}

/** An OpenID Connect provider in its account. */
export interface OidcProviderRecord extends EmulatedOidcProvider {
  readonly arn: string;
  readonly accountId: string;
}

/** A user in its account. */
export interface UserRecord {
  readonly arn: string;
  /** `AIDA...`, the same for the same user in every run. */
  readonly id: string;
  readonly account: EmulatedAccount;
  readonly user: EmulatedUser;
}

/** A role in its account. */
export interface RoleRecord {
  readonly arn: string;
  /** `AROA...`, the same for the same role in every run. */
  readonly id: string;
  readonly account: EmulatedAccount;
  readonly role: EmulatedRole;
}

/** An estate, looked up by name. */
export interface EstateIndex {
  readonly partition: string;
  readonly machine: EmulatedMachine | undefined;
  readonly organization: EmulatedOrganization | undefined;
  readonly accounts: ReadonlyMap<string, EmulatedAccount>;
  readonly roles: ReadonlyMap<string, RoleRecord>;
  readonly providers: ReadonlyMap<string, ProviderRecord>;
  readonly oidcProviders: ReadonlyMap<string, OidcProviderRecord>;
  /** By access key id. */
  readonly users: ReadonlyMap<string, UserRecord>;
  /** Providers whose metadata IAM would not have taken: they do not exist. */
  readonly refusedProviders: ReadonlyMap<string, string>;
}

/** Indexes an estate. @throws Error when a name breaks IAM's own rules */
export function indexEstate(estate: Estate): EstateIndex {
  const partition = estate.partition ?? 'aws';
  partitionNames(partition);
  const roles = new Map<string, RoleRecord>();
  const providers = new Map<string, ProviderRecord>();
  const oidcProviders = new Map<string, OidcProviderRecord>();
  const users = new Map<string, UserRecord>();
  const refusedProviders = new Map<string, string>();
  for (const account of estate.accounts) {
    if (!/^[0-9]{12}$/.test(account.id)) throw new Error(`account id ${account.id} is not 12 digits`);
    for (const role of account.roles) {
      const record = roleRecord(partition, account, role);
      roles.set(record.arn, record);
    }
    for (const user of account.users ?? []) users.set(user.accessKeyId, userRecord(partition, account, user));
    for (const provider of account.oidcProviders ?? []) {
      const record = oidcProviderRecord(partition, account.id, provider);
      oidcProviders.set(record.arn, record);
    }
    for (const [name, settings] of Object.entries(account.samlProviders ?? {})) {
      const arn = `arn:${partition}:iam::${account.id}:saml-provider/${name}`;
      try {
        providers.set(arn, providerRecord(arn, account.id, name, settings));
      } catch (error) {
        refusedProviders.set(arn, error instanceof Error ? error.message : 'InvalidInput');
      }
    }
  }
  const accounts = new Map(estate.accounts.map((account) => [account.id, account]));
  const { machine, organization } = estate;
  const known = { accounts, roles, providers, oidcProviders, users, refusedProviders };
  return { partition, machine, organization, ...known };
}

function roleRecord(partition: string, account: EmulatedAccount, role: EmulatedRole): RoleRecord {
  const path = role.path ?? '/';
  const longest = role.maxSessionDuration ?? 3600;
  if (!/^[\w+=,.@-]{1,64}$/.test(role.name)) throw new Error(`role name ${role.name} is not legal`);
  if (!/^\/(?:[!-~]*\/)?$/.test(path)) throw new Error(`path ${path} of role ${role.name} is not legal`);
  if (!Number.isInteger(longest) || longest < 3600 || longest > 43_200) {
    throw new Error(`maxSessionDuration of role ${role.name} is not within 3600..43200`);
  }
  return {
    arn: `arn:${partition}:iam::${account.id}:role${path}${role.name}`,
    id: uniqueId('AROA', `${account.id}:${role.name}`),
    account,
    role,
  };
}

function userRecord(partition: string, account: EmulatedAccount, user: EmulatedUser): UserRecord {
  if (!/^[\w+=,.@-]{1,64}$/.test(user.name)) throw new Error(`user name ${user.name} is not legal`);
  const arn = `arn:${partition}:iam::${account.id}:user${user.path ?? '/'}${user.name}`;
  return { arn, id: uniqueId('AIDA', `${account.id}:${user.name}`), account, user };
}

/** The ARN of a provider is its URL without the scheme. */
function oidcProviderRecord(partition: string, accountId: string, provider: EmulatedOidcProvider): OidcProviderRecord {
  const { protocol, hostname } = new URL(provider.url);
  const isHere = protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  if (protocol !== 'https:' && !isHere) throw new Error(`${provider.url}: an OIDC provider begins with https://`);
  for (const thumbprint of provider.thumbprints ?? []) {
    if (!/^[0-9a-f]{40}$/i.test(thumbprint)) throw new Error(`${provider.url}: a thumbprint has 40 hex digits`);
  }
  const name = provider.url.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return { ...provider, arn: `arn:${partition}:iam::${accountId}:oidc-provider/${name}`, accountId };
}

function providerRecord(
  arn: string,
  accountId: string,
  name: string,
  settings: string | EmulatedSamlProvider,
): ProviderRecord {
  if (!/^[\w.-]{1,128}$/.test(name)) throw new Error(`provider name ${name} is not legal`);
  const full = typeof settings === 'string' ? { metadata: settings } : settings;
  const { entityId, keys } = parseProviderMetadata(full.metadata);
  const requiresEncryption = full.assertionEncryptionMode === 'Required';
  return { arn, accountId, name, entityId, keys, requiresEncryption };
}

/** An IAM unique id: a four-letter kind and 17 upper-case letters and digits derived from a name. */
export function uniqueId(kind: string, name: string): string {
  const digest = createHash('sha256').update(name).digest();
  return kind + base32(digest).slice(0, 17);
}

/** RFC 4648 base32 without padding. */
export function base32(bytes: Uint8Array): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => alphabet[Number.parseInt(group, 2)]).join('');
}
