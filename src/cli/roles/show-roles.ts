// `rolegate roles` and `rolegate pick`: the roles that a person has, as a table or as JSON, and the ARN of one.
import { preferences, type RoleEntry } from '../../wire/api.ts';
import { type CliContext, columnsOf, print, say } from '../machine/context.ts';
import { printableJson, table } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { inOrderOfUse, rolesWithWords, searchRoles, shortName } from './role-match.ts';
import { chooseRole, fetchRoles, storeRoleNames } from './roles.ts';

export interface ShowOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

/** @throws CliError */
export async function printRoles(context: CliContext, query: string, options: ShowOptions): Promise<void> {
  const client = createBrokerClient(context, brokerOf(context, options.broker));
  // One after the other: while the first asks for a sign-in, no other may write to the terminal.
  const all = await fetchRoles(client);
  const used = await client.get('/api/v1/preferences', preferences);
  storeRoleNames(context, client.broker, all);
  // What comes close is for a person to judge.
  const find = context.isInteractive && !options.json ? searchRoles : rolesWithWords;
  const roles = inOrderOfUse(find(all, query), used);
  if (options.json) print(context, printableJson({ roles }));
  else if (roles.length > 0) printTable(context, roles, new Set(used.favourites));
  if (roles.length === 0) say(context, all.length === 0 ? 'you have no role' : 'none of your roles fits');
}

/** @throws CliError */
export async function printChosenRole(
  context: CliContext,
  query: string | undefined,
  options: ShowOptions,
): Promise<void> {
  const client = createBrokerClient(context, brokerOf(context, options.broker));
  const role = await chooseRole(context, client, query);
  print(context, options.json ? printableJson(role) : role.roleArn);
}

function printTable(context: CliContext, roles: readonly RoleEntry[], favourites: ReadonlySet<string>): void {
  const head = ['', 'ROLE', 'ACCOUNT', 'ID', 'ENVIRONMENT', 'UP TO'];
  const rows = roles.map((role) => [
    favourites.has(role.roleArn) ? '*' : '',
    shortName(role),
    role.accountName,
    role.accountId,
    role.environment ?? '',
    (role.maxDurationSeconds % 3600 === 0
      ? `${role.maxDurationSeconds / 3600} h`
      : `${Math.floor(role.maxDurationSeconds / 60)} min`) + (role.stepUp ? ', asks for a new sign-in' : ''),
  ]);
  // What names a role in other commands stays whole as long as it can.
  for (const line of table([head, ...rows], columnsOf(context.stdout), [1, 3])) print(context, line);
}
