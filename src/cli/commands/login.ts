// `rolegate login`.
import { type Command, InvalidArgumentError } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { resolveRoleArn } from '../roles/roles.ts';
import { type LoginOptions, signInInteractively } from '../sign-in/interactive-sign-in.ts';

export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('sign in, in your own browser')
    .option('--broker <url>', 'address of the broker')
    .option('--force', 'sign in again, even if you are signed in')
    .option('--no-browser', 'only print the address')
    .option('--port <number>', 'port to wait on, for example for ssh -L', (text) => {
      const port = Number(text);
      if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
      throw new InvalidArgumentError('it is a number from 1 to 65535.');
    })
    .option('--remote', 'paste a code from a browser on another machine')
    .option('--step-up <role>', 'sign in as strongly as this role asks for')
    .action((options: LoginOptions) => signInInteractively(context, options, resolveRoleArn));
}
