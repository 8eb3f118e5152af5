// `rolegate mfa`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { MfaOptions } from '../mfa/mfa-session.ts';

export function addMfa(program: Command, context: CliContext): void {
  program
    .command('mfa')
    .description('get a session with a second factor, with your own keys of an IAM user')
    .requiredOption('--profile <name>', 'profile with the keys, or with role_arn and source_profile')
    .option('--serial <arn>', 'the MFA device, in place of mfa_serial of the profile')
    .option('--code <digits>', 'the code that the device shows; asked for otherwise')
    .option('--duration <time>', 'session duration, such as 1h; the default of AWS if omitted')
    .option('--process', 'print the cached session for credential_process; never asks')
    .action(async (options: MfaOptions) => (await import('../mfa/mfa-session.ts')).startMfaSession(context, options));
}
