// `rolegate exec`.
import type { Command } from 'commander';
import type { ExecOptions } from '../credentials/exec.ts';
import { readExecWords } from '../credentials/exec-words.ts';
import type { CliContext } from '../machine/context.ts';
import { addSessionOptions, collect } from './options.ts';

export function addExec(program: Command, context: CliContext): void {
  const command = program
    .command('exec')
    .description('run a program as a role: rolegate exec payments-dev/Developer -- terraform plan')
    .argument('[words...]', 'the role, then -- and the program with its arguments; without a program, a shell')
    .option('--role <role>', 'ARN, account/role, or in a terminal words that only one role has', collect)
    .option('--region <name>', "region to work in; the account's own by default")
    .option('--server', 'give the program an endpoint that renews its credentials, in place of credentials')
    .option('--nest', 'even inside another rolegate exec')
    .option('--broker <url>', 'address of the broker');
  addSessionOptions(command).action(async (words: string[], options: ExecOptions) => {
    const { rawArgs } = program as Command & { readonly rawArgs: readonly string[] };
    const { execAsRole } = await import('../credentials/exec.ts');
    await execAsRole(context, readExecWords(words, rawArgs, options.role !== undefined), options);
  });
}
