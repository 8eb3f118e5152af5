// `rolegate roles`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { ShowOptions } from '../roles/show-roles.ts';

export function addRoles(program: Command, context: CliContext): void {
  program
    .command('roles')
    .description('list your roles, favourites and recently used roles first')
    .argument('[words...]', 'only those that have all these words in their names')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (words: string[], options: ShowOptions) => {
      const { printRoles } = await import('../roles/show-roles.ts');
      await printRoles(context, words.join(' '), options);
    });
}
