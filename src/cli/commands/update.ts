// `rolegate update`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { UpdateOptions } from '../update/update.ts';

export function addUpdate(program: Command, context: CliContext): void {
  program
    .command('update')
    .description('replace this command by the newest release that the broker offers and your company signed')
    .option('--broker <url>', 'address of the broker')
    .option('--check', 'only say whether there is a newer release')
    .option('--json', 'print JSON')
    .action(async (options: UpdateOptions) => (await import('../update/update.ts')).update(context, options));
}
