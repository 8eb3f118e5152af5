// The accounts, roles, users and SAML providers the emulator knows, and their look-up by ARN.
import { createHash, type KeyObject } from 'node:crypto';
import { partitionNames } from './hosts.ts';
import { parseProviderMetadata } from './saml-metadata.ts';

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
}

/** An IAM user with one long-term access key. */
export interface EmulatedUser {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Identity policies, as objects. */
  readonly policies?: readonly unknown[];
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
  readonly roles: readonly EmulatedRole[];
  readonly users?: readonly EmulatedUser[];
  /** Regions in which this account switched STS off. */
  readonly disabledStsRegions?: readonly string[];
}

/** Everything there is in one partition. */
export interface Estate {
  /** Default `aws`. */
  readonly partition?: string;
  readonly accounts: readonly EmulatedAccount[];
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
  readonly accounts: ReadonlyMap<string, EmulatedAccount>;
  readonly roles: ReadonlyMap<string, RoleRecord>;
  readonly providers: ReadonlyMap<string, ProviderRecord>;
  readonly users: ReadonlyMap<string, { readonly account: EmulatedAccount; readonly user: EmulatedUser }>;
  /** Providers whose metadata IAM would not have taken: they do not exist. */
  readonly refusedProviders: ReadonlyMap<string, string>;
}

/** Indexes an estate. @throws Error when a name breaks IAM's own rules */
export function indexEstate(estate: Estate): EstateIndex {
  const partition = estate.partition ?? 'aws';
  partitionNames(partition);
  const roles = new Map<string, RoleRecord>();
  const providers = new Map<string, ProviderRecord>();
  const users = new Map<string, { account: EmulatedAccount; user: EmulatedUser }>();
  const refusedProviders = new Map<string, string>();
  for (const account of estate.accounts) {
    if (!/^[0-9]{12}$/.test(account.id)) throw new Error(`account id ${account.id} is not 12 digits`);
    for (const role of account.roles) {
      const record = roleRecord(partition, account, role);
      roles.set(record.arn, record);
    }
    for (const user of account.users ?? []) users.set(user.accessKeyId, { account, user });
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
  return { partition, accounts, roles, providers, users, refusedProviders };
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
