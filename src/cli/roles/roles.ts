// The roles that the broker offers a person, and which of them is meant.
import { join } from 'node:path';
import { z } from 'zod';
import { preferences, type RoleEntry, roles as rolesAnswer } from '../../wire/api.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { brokerFolder, cacheDirectory, type Machine } from '../machine/paths.ts';
import { printable } from '../machine/printable.ts';
import type { BrokerClient } from '../sign-in/broker-client.ts';
import { inOrderOfUse, matchRoles, namedExactly, shortName } from './role-match.ts';
import { pickRole } from './role-picker.ts';

export async function fetchRoles(client: BrokerClient): Promise<readonly RoleEntry[]> {
  const { roles } = await client.get('/api/v1/roles', rolesAnswer);
  // It also goes into command lines.
  const odd = roles.find(({ roleArn }) => readRoleArn(roleArn) === undefined);
  if (odd) throw new CliError('failed', `the broker names a role that cannot be one: ${printable(odd.roleArn)}`);
  return roles;
}

/**
 * The role that is meant: by ARN, account/role or alias/role, else the one that has all the words in its names or comes
 * close. Of several, a person picks; without one to ask, it is the only favourite among them.
 * @throws CliError denied for none, usage for several
 */
export async function chooseRole(
  context: CliContext,
  client: BrokerClient,
  words: string | undefined,
): Promise<RoleEntry> {
  const roles = await fetchRoles(client);
  rememberRoles(context, client.broker, roles);
  const wish = words?.trim() ?? '';
  const exact = namedExactly(roles, wish);
  if (exact.length === 1) return exact[0]!;
  const fitting = exact.length > 1 ? exact : fittingRoles(roles, wish);
  if (fitting.length === 0) throw noSuchRole(roles, wish, client.broker);
  if (fitting.length === 1) return announced(context, fitting[0]!);
  const used = await client.get('/api/v1/preferences', preferences);
  if (context.isInteractive) {
    // Everything can still be found by typing; what was asked for stands there already.
    const chosen = exact.length > 1 ? exact : roles;
    return pickRole(context, inOrderOfUse(chosen, used), exact.length > 1 ? '' : wish);
  }
  const favourites = fitting.filter((role) => used.favourites.includes(role.roleArn));
  if (favourites.length === 1) return announced(context, favourites[0]!);
  throw ambiguous(inOrderOfUse(fitting, used), wish);
}

function fittingRoles(roles: readonly RoleEntry[], wish: string): readonly RoleEntry[] {
  if (wish === '') return roles;
  // An ARN means itself and nothing that resembles it.
  return wish.startsWith('arn:') ? [] : matchRoles(roles, wish);
}

/** Who gave a few letters is told what they meant. */
function announced(context: CliContext, role: RoleEntry): RoleEntry {
  say(context, `rolegate: ${printable(`${shortName(role)} (${role.accountId})`)}`);
  return role;
}

function noSuchRole(roles: readonly RoleEntry[], wish: string, broker: string): CliError {
  const { host } = new URL(broker);
  if (roles.length === 0) return new CliError('denied', `${host} gives you no role: ask those who look after it`);
  return new CliError(
    'denied',
    `you have no role "${printable(wish)}" at ${host}: \`rolegate roles\` lists those you have`,
  );
}

const maxCandidates = 10;

function ambiguous(candidates: readonly RoleEntry[], wish: string): CliError {
  const lines = candidates.slice(0, maxCandidates).map((role) => `\n  ${printable(shortName(role))}`);
  const more = candidates.length > maxCandidates ? `\n  and ${candidates.length - maxCandidates} more` : '';
  const which = wish === '' ? 'which role?' : `"${printable(wish)}" means several roles:`;
  return new CliError('usage', `${which} Give one of these names, or its ARN:${lines.join('')}${more}`);
}

const knownRoles = z.array(z.object({ roleArn: z.string(), name: z.string() }));
export type KnownRoles = z.output<typeof knownRoles>;

/** For completion, which asks nobody: ARNs and short names of the last list. */
export function rememberRoles(context: CliContext, broker: string, roles: readonly RoleEntry[]): void {
  const known: KnownRoles = roles.map((role) => ({ roleArn: role.roleArn, name: printable(shortName(role)) }));
  const file = knownRolesFile(context, broker);
  try {
    writePrivate(file, JSON.stringify(known));
  } catch (error) {
    // A full or read-only disk costs the completion, and nothing else.
    say(context, `rolegate: ${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

export function readKnownRoles(machine: Machine, broker: string): KnownRoles {
  return knownRoles.safeParse(readJson(knownRolesFile(machine, broker))).data ?? [];
}

function knownRolesFile(machine: Machine, broker: string): string {
  return join(cacheDirectory(machine), brokerFolder(broker), 'roles.json');
}
