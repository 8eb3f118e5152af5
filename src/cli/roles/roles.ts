// The roles that the broker offers a person, and which of them is meant.
import { join } from 'node:path';
import { z } from 'zod';
import { preferences, type RoleEntry, roles as rolesAnswer } from '../../wire/api.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, type Machine, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { brokerFolder, cacheDirectory } from '../machine/paths.ts';
import { printable } from '../machine/printable.ts';
import { type BrokerClient, createBrokerClient } from '../sign-in/broker-client.ts';
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
  query: string | undefined,
): Promise<RoleEntry> {
  const roles = await fetchRoles(client);
  storeRoleNames(context, client.broker, roles);
  const trimmed = query?.trim() ?? '';
  const exact = namedExactly(roles, trimmed);
  if (exact.length === 1) return exact[0]!;
  const fitting = exact.length > 1 ? exact : fittingRoles(roles, trimmed);
  if (fitting.length === 0) throw unknownRole(roles, trimmed, client.broker);
  if (fitting.length === 1) return announced(context, fitting[0]!);
  const used = await client.get('/api/v1/preferences', preferences);
  if (context.isInteractive) {
    // Everything can still be found by typing; what was asked for stands there already.
    const chosen = exact.length > 1 ? exact : roles;
    return pickRole(context, inOrderOfUse(chosen, used), exact.length > 1 ? '' : trimmed);
  }
  const favourites = fitting.filter((role) => used.favourites.includes(role.roleArn));
  if (favourites.length === 1) return announced(context, favourites[0]!);
  throw ambiguous(inOrderOfUse(fitting, used), trimmed);
}

/** An ARN as it is, which needs no broker; anything else as `chooseRole`. */
export async function resolveRoleArn(context: CliContext, broker: string, query: string): Promise<string> {
  if (query.startsWith('arn:')) return query;
  return (await chooseRole(context, createBrokerClient(context, broker), query)).roleArn;
}

function fittingRoles(roles: readonly RoleEntry[], query: string): readonly RoleEntry[] {
  if (query === '') return roles;
  // An ARN means itself and nothing that resembles it.
  return query.startsWith('arn:') ? [] : matchRoles(roles, query);
}

/** Who gave a few letters is told what they meant. */
function announced(context: CliContext, role: RoleEntry): RoleEntry {
  say(context, `rolegate: ${printable(`${shortName(role)} (${role.accountId})`)}`);
  return role;
}

function unknownRole(roles: readonly RoleEntry[], query: string, broker: string): CliError {
  const { host } = new URL(broker);
  if (roles.length === 0) return new CliError('denied', `${host} gives you no role: ask those who look after it`);
  return new CliError(
    'denied',
    `you have no role "${printable(query)}" at ${host}: \`rolegate roles\` lists those you have`,
  );
}

const maxCandidates = 10;

function ambiguous(candidates: readonly RoleEntry[], query: string): CliError {
  const lines = candidates.slice(0, maxCandidates).map((role) => `\n  ${printable(shortName(role))}`);
  const more = candidates.length > maxCandidates ? `\n  and ${candidates.length - maxCandidates} more` : '';
  const which = query === '' ? 'which role?' : `"${printable(query)}" means several roles:`;
  return new CliError('usage', `${which} Give one of these names, or its ARN:${lines.join('')}${more}`);
}

const knownRoles = z.array(z.object({ roleArn: z.string(), name: z.string() }));
export type RoleNames = z.output<typeof knownRoles>;

/** For completion, which asks nobody: ARNs and short names of the last list. */
export function storeRoleNames(context: CliContext, broker: string, roles: readonly RoleEntry[]): void {
  const known: RoleNames = roles.map((role) => ({ roleArn: role.roleArn, name: printable(shortName(role)) }));
  const file = roleNamesFile(context, broker);
  try {
    writePrivate(file, JSON.stringify(known));
  } catch (error) {
    // A full or read-only disk costs the completion, and nothing else.
    say(context, `rolegate: ${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

export function readRoleNames(machine: Machine, broker: string): RoleNames {
  return knownRoles.safeParse(readJson(roleNamesFile(machine, broker))).data ?? [];
}

function roleNamesFile(machine: Machine, broker: string): string {
  return join(cacheDirectory(machine), brokerFolder(broker), 'roles.json');
}
