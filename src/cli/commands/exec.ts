// `rolegate exec`.
import type { Command } from 'commander';
import { type ExecOptions, execAsRole } from '../credentials/exec.ts';
import { addSessionOptions } from '../credentials/session-options.ts';
import type { CliContext } from '../machine/context.ts';

export function addExec(program: Command, context: CliContext): void {
  const command = program
    .command('exec')
    .description('run a program as a role: rolegate exec --role payments-dev/Developer -- terraform plan')
    .argument('<command...>', 'the program and its arguments, after --')
    .option('--role <role>', 'ARN, account/role, or in a terminal words that only one role has')
    .option('--region <name>', "region to work in; the account's own by default")
    .option('--server', 'give the program an endpoint that renews its credentials, in place of credentials')
    .option('--nest', 'even inside another rolegate exec')
    .option('--broker <url>', 'address of the broker');
  addSessionOptions(command).action((words: string[], options: ExecOptions) => execAsRole(context, words, options));
}
