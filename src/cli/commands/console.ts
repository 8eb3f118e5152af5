// `rolegate console`.
import { type Command, Option } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { ConsoleOptions } from '../roles/console-link.ts';
import { queryOf } from './options.ts';

export function addConsole(program: Command, context: CliContext): void {
  program
    .command('console')
    .description('open the AWS console as a role, in the browser')
    .argument('[role...]', 'role ARN, account/role with the id or alias, or words of its name; asks where several fit')
    .option('--broker <url>', 'address of the broker')
    .option('--service <name>', 'service to land on, such as s3 or cloudwatch')
    .addOption(new Option('--path <path>', 'console path or address to land on').conflicts('service'))
    .option('--region <name>', "region of the console; the account's own by default")
    .option('--browser <command>', 'command that opens the link; %s is replaced with its address')
    .option('--print', 'print the link, and open nothing')
    .option('--json', 'print JSON: the link, and whether it was opened')
    .addOption(new Option('--then <arn>').hideHelp())
    .action(async (words: string[], options: ConsoleOptions) => {
      const { openConsole } = await import('../roles/console-link.ts');
      await openConsole(context, queryOf(words), options);
    });
}
