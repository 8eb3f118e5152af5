// `rolegate credential-process`.
import type { Command } from 'commander';
import { type CredentialProcessOptions, printCredentials } from '../credentials/credential-process.ts';
import { addSessionOptions } from '../credentials/session-options.ts';
import type { CliContext } from '../machine/context.ts';

export function addCredentialProcess(program: Command, context: CliContext): void {
  const command = program
    .command('credential-process')
    .description('print credentials of a role as AWS tools ask for them (credential_process)')
    .requiredOption('--role <arn>', 'ARN of the role')
    .option('--login', 'open the browser when the sign-in has expired')
    .option('--broker <url>', 'address of the broker');
  addSessionOptions(command).action((options: CredentialProcessOptions) => printCredentials(context, options));
}
