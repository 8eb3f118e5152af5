// `rolegate status`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { printStatus, type StatusOptions } from '../sign-in/status.ts';

export function addStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('when your sign-in and the credentials on this machine expire; exit code 3 if you are not signed in')
    .option('--broker <url>', 'address of the broker')
    .option('--check', 'ask the broker whether the sign-in is still valid')
    .option('--json', 'print JSON')
    .action((options: StatusOptions) => printStatus(context, options));
}
