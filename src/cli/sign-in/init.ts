// `rolegate init`: all there is to configure, read from the broker itself.
import { type CliContext, say } from '../machine/context.ts';
import { printable } from '../machine/printable.ts';
import { brokerOrigin, readSettings, writeSettings } from '../machine/settings.ts';
import { discover } from './discovery.ts';
import { readSignIn } from './tokens.ts';

/** @throws CliError */
export async function initBroker(context: CliContext, url: string): Promise<void> {
  const broker = brokerOrigin(context, url);
  const { rolegate } = await discover(context, broker);
  const { brokers, defaultBroker } = readSettings(context);
  writeSettings(context, { defaultBroker: broker, brokers: { ...brokers, [broker]: { name: rolegate.name } } });
  say(context, `${printable(rolegate.name)} at ${broker} is your broker now.`);
  if (defaultBroker !== undefined && defaultBroker !== broker) {
    say(context, `The one before, ${defaultBroker}, is still known: name it with --broker.`);
  }
  if (!readSignIn(context, broker)) say(context, 'Sign in with `rolegate login`.');
}
