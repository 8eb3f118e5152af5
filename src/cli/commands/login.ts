// `rolegate login`.
import { type Command, InvalidArgumentError } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { LoginOptions } from '../sign-in/interactive-sign-in.ts';

export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('sign in with your browser')
    .option('--broker <url>', 'address of the broker')
    .option('--force', 'sign in again, also at the identity provider')
    .option('--no-browser', 'only print the address')
    .option('--port <number>', 'port to wait on, for example for ssh -L', (text) => {
      const port = Number(text);
      if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
      throw new InvalidArgumentError('it is a number from 1 to 65535.');
    })
    .option('--remote', 'paste a code from a browser on another machine')
    .option('--step-up <role>', 'sign in again with what this role requires (for example a second factor)')
    .option('--json', 'print JSON; the address to open is on standard error')
    .action(async (options: LoginOptions) => {
      const { signInInteractively } = await import('../sign-in/interactive-sign-in.ts');
      const { resolveRoleArn } = await import('../roles/roles.ts');
      await signInInteractively(context, options, resolveRoleArn);
    });
}
