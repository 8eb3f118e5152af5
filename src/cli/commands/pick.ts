// `rolegate pick`: for `rolegate exec --role "$(rolegate pick)"` and scripts.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { ShowOptions } from '../roles/show-roles.ts';
import { queryOf } from './options.ts';

export function addPick(program: Command, context: CliContext): void {
  program
    .command('pick')
    .description('find one of your roles by account, alias, id or role, and print its ARN')
    .argument('[words...]', 'a few letters of its names; asks where several fit')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print the role as JSON')
    .action(async (words: string[], options: ShowOptions) => {
      const { printChosenRole } = await import('../roles/show-roles.ts');
      await printChosenRole(context, queryOf(words), options);
    });
}
