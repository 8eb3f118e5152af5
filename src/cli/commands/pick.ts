// `rolegate pick`: for `rolegate exec --role "$(rolegate pick)"` and scripts.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { queryOf } from '../roles/roles.ts';
import { printChosenRole, type ShowOptions } from '../roles/show-roles.ts';

export function addPick(program: Command, context: CliContext): void {
  program
    .command('pick')
    .description('find one of your roles by account, alias, id or role, and print its ARN')
    .argument('[words...]', 'a few letters of its names; asks where several fit')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print the role as JSON')
    .action((words: string[], options: ShowOptions) => printChosenRole(context, queryOf(words), options));
}
