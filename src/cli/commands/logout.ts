// `rolegate logout`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { LogoutOptions } from '../sign-in/sign-out.ts';

export function addLogout(program: Command, context: CliContext): void {
  program
    .command('logout')
    .description('end your sign-in, and remove its tokens and credentials from this machine')
    .option('--broker <url>', 'address of the broker')
    .option('--all', 'end your command-line sign-ins on every machine')
    .option('--json', 'print JSON')
    .action(async (options: LogoutOptions) => {
      const { signOut } = await import('../sign-in/sign-out.ts');
      await signOut(context, options);
      if (options.json) return;
      const { sayWhatStays } = await import('../profiles/after-logout.ts');
      sayWhatStays(context, options.broker);
    });
}
