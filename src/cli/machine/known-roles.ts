// The roles that the broker listed last: for completion, for exact names without the network, and for names in place of ARNs.
import { join } from 'node:path';
import { readRoleArn } from '../../wire/role-arn.ts';
import type { Machine } from './context.ts';
import { readJson, writePrivate } from './files.ts';
import { brokerFolder, cacheDirectory } from './paths.ts';

interface KnownRole {
  readonly roleArn: string;
  /** `payments-dev/Developer`. */
  readonly name: string;
  readonly region?: string | undefined;
}
export type KnownRoles = readonly KnownRole[];

/** @throws the file system's error */
export function writeKnownRoles(machine: Machine, broker: string, roles: KnownRoles): void {
  writePrivate(rolesFile(machine, broker), JSON.stringify(roles));
}

export function readKnownRoles(machine: Machine, broker: string): KnownRoles {
  const found = readJson(machine, rolesFile(machine, broker));
  return Array.isArray(found) && found.every(isKnownRole) ? found : [];
}

function isKnownRole(value: unknown): value is KnownRole {
  const { roleArn, name, region } = (value ?? {}) as Record<string, unknown>;
  const isRegion = region === undefined || typeof region === 'string';
  return typeof roleArn === 'string' && typeof name === 'string' && isRegion;
}

/** By account/role, with the account's id or alias and the role with or without its path; undefined unless it is one. */
export function findKnownRole(machine: Machine, broker: string, query: string): KnownRoles[number] | undefined {
  const found = readKnownRoles(machine, broker).filter(({ roleArn, name }) => {
    const { accountId = '', name: withPath = '' } = readRoleArn(roleArn) ?? {};
    const alias = name.split('/')[0];
    const roleNames = [withPath, withPath.split('/').at(-1)];
    return roleNames.some((role) => query === `${alias}/${role}` || query === `${accountId}/${role}`);
  });
  return found.length === 1 ? found[0] : undefined;
}

function rolesFile(machine: Machine, broker: string): string {
  return join(cacheDirectory(machine), brokerFolder(broker), 'roles.json');
}
