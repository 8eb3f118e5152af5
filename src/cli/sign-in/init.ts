// `rolegate init`: all there is to configure, read from the broker itself.
import { resolve } from 'node:path';
import { type CliContext, print, say } from '../machine/context.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOrigin, readSettings, writeSettings } from '../machine/settings.ts';
import { discover } from './discovery.ts';
import { readSignIn } from './tokens.ts';

export interface InitOptions {
  readonly browser?: string;
  readonly json?: boolean;
}

/** @throws CliError */
export async function initBroker(context: CliContext, url: string, { browser, json }: InitOptions): Promise<void> {
  const broker = brokerOrigin(context, url);
  const { rolegate } = await discover(context, broker);
  const { brokers, defaultBroker } = readSettings(context);
  // From --ca-bundle, which is for every command from now on.
  const bundle = context.env['ROLEGATE_CA_BUNDLE'];
  const known = {
    ...brokers[broker],
    name: rolegate.name,
    ...(bundle ? { caBundle: resolve(bundle) } : {}),
    ...(browser === undefined ? {} : { browser }),
  };
  writeSettings(context, { defaultBroker: broker, brokers: { ...brokers, [broker]: known } });
  const signedIn = readSignIn(context, broker) !== undefined;
  const formerBroker = defaultBroker === broker ? undefined : defaultBroker;
  if (json) {
    print(context, printableJson({ broker, name: rolegate.name, formerBroker: formerBroker ?? null, signedIn }));
    return;
  }
  say(context, `${printable(rolegate.name)} at ${broker} is your broker now.`);
  if (formerBroker !== undefined) {
    say(context, `The one before, ${formerBroker}, is still known: name it with --broker.`);
  }
  if (!signedIn) say(context, 'Sign in with `rolegate login`.');
}
