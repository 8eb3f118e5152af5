// `rolegate credential-process`.
import type { Command } from 'commander';
import type { CredentialProcessOptions } from '../credentials/credential-process.ts';
import type { CliContext } from '../machine/context.ts';
import { addSessionOptions } from './options.ts';

export function addCredentialProcess(program: Command, context: CliContext): void {
  const command = program
    .command('credential-process')
    .description('print credentials of a role for AWS tools (credential_process)')
    .requiredOption('--role <arn>', 'ARN of the role')
    .option('--login', 'open the browser when the sign-in has expired')
    .option('--broker <url>', 'address of the broker');
  addSessionOptions(command).action(async (options: CredentialProcessOptions) => {
    const { printCredentials } = await import('../credentials/credential-process.ts');
    await printCredentials(context, options);
  });
}
