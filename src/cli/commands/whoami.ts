// `rolegate whoami`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { WhoamiOptions } from '../sign-in/whoami.ts';

export function addWhoami(program: Command, context: CliContext): void {
  program
    .command('whoami')
    .description('who you are to the broker, and until when')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: WhoamiOptions) => (await import('../sign-in/whoami.ts')).printIdentity(context, options));
}
