// `rolegate serve`.
import type { Command } from 'commander';
import type { ServeOptions } from '../credentials/serve.ts';
import type { CliContext } from '../machine/context.ts';
import { addSessionOptions, collect } from './options.ts';

export function addServe(program: Command, context: CliContext): void {
  const command = program
    .command('serve')
    .description('a credentials endpoint on this machine, which renews by itself; prints the variables that lead there')
    .argument('[role]', 'ARN, account/role, or in a terminal words that only one role has')
    .option('--role <role>', 'the same; may be given several times: each role has its own path', collect)
    .option('--region <name>', "region to work in; the account's own by default")
    .option('--shell <name>', 'print the variables for this shell: bash, zsh, fish, pwsh, cmd or env')
    .option('--port <number>', 'port on 127.0.0.1; any free one by default')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON');
  addSessionOptions(command).action(async (role: string | undefined, options: ServeOptions) => {
    const { serveCredentials } = await import('../credentials/serve.ts');
    await serveCredentials(context, role, options);
  });
}
