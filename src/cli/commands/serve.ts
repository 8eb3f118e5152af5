// `rolegate serve`.
import type { Command } from 'commander';
import { type ServeOptions, serveCredentials } from '../credentials/serve.ts';
import { addSessionOptions } from '../credentials/session-options.ts';
import type { CliContext } from '../machine/context.ts';

export function addServe(program: Command, context: CliContext): void {
  const command = program
    .command('serve')
    .description('a credentials endpoint on this machine, which renews by itself; prints the variables that lead there')
    .option('--role <role>', 'ARN, account/role, or in a terminal words that only one role has')
    .option('--port <number>', 'port on 127.0.0.1; any free one by default')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON');
  addSessionOptions(command).action((options: ServeOptions) => serveCredentials(context, options));
}
