// `rolegate roles`: what one may use, as a table or as JSON.
import type { Command } from 'commander';
import { preferences, type RoleEntry } from '../../wire/api.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { printableJson, table } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { inOrderOfUse, matchRoles, namedExactly, shortName } from '../roles/role-match.ts';
import { columnsOf } from '../roles/role-picker.ts';
import { fetchRoles, rememberRoles } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';

export function addRoles(program: Command, context: CliContext): void {
  program
    .command('roles')
    .description('list the roles you have, your favourites and what you used last first')
    .argument('[words...]', 'only those that have all these words in their names')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (words: string[], options: { broker?: string; json?: boolean }) => {
      const client = createBrokerClient(context, brokerOf(context, options.broker));
      const [all, used] = await Promise.all([fetchRoles(client), client.get('/api/v1/preferences', preferences)]);
      rememberRoles(context, client.broker, all);
      const roles = inOrderOfUse(withWords(all, words.join(' ')), used);
      if (options.json) print(context, printableJson({ roles }));
      else showTable(context, roles, new Set(used.favourites));
      if (roles.length === 0) say(context, all.length === 0 ? 'you have no role' : 'none of your roles fits');
    });
}

function withWords(roles: readonly RoleEntry[], words: string): readonly RoleEntry[] {
  if (words.trim() === '') return roles;
  const exact = namedExactly(roles, words);
  return exact.length > 0 ? exact : matchRoles(roles, words);
}

function showTable(context: CliContext, roles: readonly RoleEntry[], favourites: ReadonlySet<string>): void {
  if (roles.length === 0) return;
  const head = ['', 'ROLE', 'ACCOUNT', 'ID', 'ENVIRONMENT', 'UP TO'];
  const rows = roles.map((role) => [
    favourites.has(role.roleArn) ? '*' : '',
    shortName(role),
    role.accountName,
    role.accountId,
    role.environment ?? '',
    hours(role.maxDurationSeconds) + (role.stepUp ? ', asks for a new sign-in' : ''),
  ]);
  // What names a role in other commands stays whole as long as it can.
  for (const line of table([head, ...rows], columnsOf(context.stdout), [1, 3])) print(context, line);
}

function hours(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.floor(seconds / 60)} min`;
}
