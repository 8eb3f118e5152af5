// `rolegate init`: all there is to configure, read from the broker itself.
import type { Command } from 'commander';
import { type CliContext, say } from '../machine/context.ts';
import { printable } from '../machine/printable.ts';
import { brokerOrigin, readSettings, writeSettings } from '../machine/settings.ts';
import { discover } from '../sign-in/discovery.ts';
import { readSignIn } from '../sign-in/tokens.ts';

export function addInit(program: Command, context: CliContext): void {
  program
    .command('init')
    .description('remember a broker, and use it where none is named')
    .argument('<url>', 'address of the broker')
    .action(async (url: string) => {
      const broker = brokerOrigin(context, url);
      const { rolegate } = await discover(context, broker);
      const { brokers, defaultBroker } = readSettings(context);
      writeSettings(context, { defaultBroker: broker, brokers: { ...brokers, [broker]: { name: rolegate.name } } });
      say(context, `${printable(rolegate.name)} at ${broker} is your broker now.`);
      if (defaultBroker !== undefined && defaultBroker !== broker) {
        say(context, `The one before, ${defaultBroker}, is still known: name it with --broker.`);
      }
      if (!readSignIn(context, broker)) say(context, 'Sign in with `rolegate login`.');
    });
}
