// Temporary credentials kept on this machine: one private file for each broker, role, second role, duration and policy. No
// module but those of the file system, and no lock for readers: files are replaced in one step.
import { join } from 'node:path';
import type { Credentials } from '../../wire/api.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import type { Machine } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, removePrivate, writePrivate } from '../machine/files.ts';
import { brokerFolder, cacheDirectory } from '../machine/paths.ts';
import { shortHash } from '../machine/short-hash.ts';

/** A role that is assumed with the credentials of another one (role chaining). */
export interface SecondRole {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
}

export interface CacheKey {
  /** Origin. */
  readonly broker: string;
  /** The role that the broker gives. */
  readonly roleArn: string;
  /** Whose credentials they are, if it is set; duration and policy are then those of its session. */
  readonly secondRole?: SecondRole | undefined;
  /** As long as the rule allows by default. */
  readonly durationSeconds?: number | undefined;
  /** Inline session policy. */
  readonly policy?: string | undefined;
  /** Id of a session policy that the broker's configuration offers. */
  readonly policyId?: string | undefined;
}

/** The role that the credentials are of. */
export const lastRoleOf = ({ roleArn, secondRole }: CacheKey) => secondRole?.roleArn ?? roleArn;

/** Whose credentials they are: two identity providers of one broker may both know an alice. */
export interface CacheOwner {
  readonly identityProvider: string;
  readonly user: string;
}

/** Whose sign-in the next credentials come from; undefined before the first one. */
export function readOwner(machine: Machine, broker: string): CacheOwner | undefined {
  const found = (readJson(machine, ownerFile(machine, broker)) ?? {}) as Record<string, unknown>;
  const { identityProvider, user } = found;
  return typeof identityProvider === 'string' && typeof user === 'string' ? { identityProvider, user } : undefined;
}

/** Call it after the tokens were written: who reads the new owner must find the new tokens. */
export function writeOwner(machine: Machine, broker: string, { identityProvider, user }: CacheOwner): void {
  try {
    writePrivate(ownerFile(machine, broker), `${JSON.stringify({ identityProvider, user })}\n`);
  } catch (error) {
    // A place that cannot be written costs the cache, and not the sign-in.
    if (!(error instanceof CliError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

const ownerFile = (machine: Machine, broker: string) =>
  join(cacheDirectory(machine), brokerFolder(broker), 'owner.json');

/** Undefined without any, and for a file that is broken or another key's: the next renewal writes over it. */
export function readCached(machine: Machine, key: CacheKey): Credentials | undefined {
  const found = (readJson(machine, cacheFile(machine, key)) ?? {}) as Record<string, unknown>;
  const { key: text, owner, credentials } = found;
  if (text !== keyText(key) || !isCredentials(credentials)) return undefined;
  const current = readOwner(machine, key.broker);
  return current && owner === ownerText(current) ? credentials : undefined;
}

/** @param owner as known before the credentials were asked for; without one nothing is kept */
export function writeCached(
  machine: Machine,
  key: CacheKey,
  credentials: Credentials,
  owner = readOwner(machine, key.broker),
): void {
  if (!owner) return;
  const text = JSON.stringify({ key: keyText(key), owner: ownerText(owner), credentials });
  writePrivate(cacheFile(machine, key), `${text}\n`);
}

const ownerText = ({ identityProvider, user }: CacheOwner) => JSON.stringify([identityProvider, user]);

/**
 * Everything that this broker gave, for the end of a sign-in; the names of roles too, which are the person's.
 * @returns what could not be removed
 */
export function removeCached(machine: Machine, broker: string): string[] {
  const roles = join(cacheDirectory(machine), brokerFolder(broker), 'roles.json');
  return [ownerFile(machine, broker), cacheFolder(machine, broker), roles].flatMap(removePrivate);
}

/** SDKs ask again from 15 minutes before the end, at every single call: by then there must be others. */
const renewalMs = 15 * 60_000;

/** Whether they can be handed out without asking for others. Of short sessions a quarter is left then. */
export function isFresh({ Expiration, DurationSeconds }: Credentials, now: Date): boolean {
  return remainingMs({ Expiration }, now) > Math.min(renewalMs, (DurationSeconds * 1000) / 4);
}

/** Credentials count as expired half a minute early, so that a signed request still arrives in time. */
const leastRemainingSeconds = 30;

/** Whether they still work for so long. */
export function isGood(credentials: Credentials, now: Date, minTtlSeconds = 0): boolean {
  return remainingMs(credentials, now) > Math.max(leastRemainingSeconds, minTtlSeconds) * 1000;
}

export function remainingMs({ Expiration }: Pick<Credentials, 'Expiration'>, now: Date): number {
  return Date.parse(Expiration) - now.getTime();
}

/** Some SDKs read nothing but UTC in whole seconds. */
export function credentialProcessJson(credentials: Credentials): string {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials;
  const wholeSeconds = Expiration.replace(/\.\d+Z$/, 'Z');
  return JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration: wholeSeconds });
}

/** Under which one process at a time renews them. Two keys that share a name wait for each other, and nothing more. */
export const credentialLock = (key: CacheKey) => `credentials-${shortHash(keyText(key))}`;

/** Where those of one broker are. */
export const cacheFolder = (machine: Machine, broker: string) =>
  join(cacheDirectory(machine), brokerFolder(broker), 'credentials');

/** For people that look into the folder; what counts is the key inside. */
function cacheFile(machine: Machine, key: CacheKey): string {
  const { accountId, name } = readRoleArn(lastRoleOf(key)) ?? { accountId: '', name: '' };
  const readable = `${accountId}-${name.replace(/[^\w.@+-]+/g, '_').slice(-64)}`;
  return join(cacheFolder(machine, key.broker), `${readable}-${shortHash(keyText(key))}.json`);
}

function keyText({ broker, roleArn, durationSeconds, policy, policyId, secondRole }: CacheKey): string {
  const parts = [broker, roleArn, durationSeconds ?? null, policy ?? null];
  const named = policyId === undefined ? parts : [...parts, policyId];
  const { roleArn: second, externalId = null } = secondRole ?? {};
  return JSON.stringify(second === undefined ? named : [...named, { second, externalId }]);
}

export function isCredentials(value: unknown): value is Credentials {
  const found = (value ?? {}) as Record<string, unknown>;
  const texts = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'].map((name) => found[name]);
  return (
    texts.every((text) => typeof text === 'string' && text !== '') &&
    typeof found['DurationSeconds'] === 'number' &&
    !Number.isNaN(Date.parse(String(found['Expiration'])))
  );
}
