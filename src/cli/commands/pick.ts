// `rolegate pick`: finds one role and prints its ARN, for `rolegate exec --role "$(rolegate pick)"` and scripts.
import type { Command } from 'commander';
import { type CliContext, print } from '../machine/context.ts';
import { printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { chooseRole } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';

export function addPick(program: Command, context: CliContext): void {
  program
    .command('pick')
    .description('find one of your roles by account, alias, id or role, and print its ARN')
    .argument('[words...]', 'a few letters of its names; asks where several fit')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print the role as JSON')
    .action(async (words: string[], options: { broker?: string; json?: boolean }) => {
      const client = createBrokerClient(context, brokerOf(context, options.broker));
      const role = await chooseRole(context, client, words.join(' '));
      print(context, options.json ? printableJson(role) : role.roleArn);
    });
}
