// The roles that the broker listed last: for completion, for exact names without the network, and for names in place of ARNs.
import { join } from 'node:path';
import { z } from 'zod';
import { readRoleArn } from '../../wire/role-arn.ts';
import type { Machine } from './context.ts';
import { readJson, writePrivate } from './files.ts';
import { brokerFolder, cacheDirectory } from './paths.ts';

const knownRoles = z.array(
  z.object({
    roleArn: z.string(),
    /** `payments-dev/Developer`. */
    name: z.string(),
    region: z.string().optional(),
  }),
);
export type KnownRoles = z.output<typeof knownRoles>;

/** @throws the file system's error */
export function writeKnownRoles(machine: Machine, broker: string, roles: KnownRoles): void {
  writePrivate(rolesFile(machine, broker), JSON.stringify(roles));
}

export function readKnownRoles(machine: Machine, broker: string): KnownRoles {
  return knownRoles.safeParse(readJson(machine, rolesFile(machine, broker))).data ?? [];
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
