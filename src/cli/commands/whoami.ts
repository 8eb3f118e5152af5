// `rolegate whoami`: the person, as the broker sees them now.
import type { Command } from 'commander';
import { me } from '../../wire/api.ts';
import { type CliContext, print } from '../machine/context.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd } from '../machine/time-left.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';

export function addWhoami(program: Command, context: CliContext): void {
  program
    .command('whoami')
    .description('who you are to the broker, and until when')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: { broker?: string; json?: boolean }) => {
      const broker = brokerOf(context, options.broker);
      const person = await createBrokerClient(context, broker).get('/api/v1/me', me);
      if (options.json) return print(context, printableJson({ broker, ...person }));
      const name = person.displayName === person.user ? '' : ` (${printable(person.displayName)})`;
      const end = describeEnd(context, person.expiresAt);
      print(context, `${printable(person.user)}${name} at ${new URL(broker).host}, signed in ${end}`);
    });
}
