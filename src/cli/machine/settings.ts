// Which brokers this person uses: a small file that `rolegate init` writes and a person may edit.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CliContext, type Machine, say } from './context.ts';
import { CliError } from './errors.ts';
import { readJson, writePrivate } from './files.ts';
import { configDirectory } from './paths.ts';

export interface Settings {
  /** Origin of the broker that is meant where none is named. */
  readonly defaultBroker: string | undefined;
  /** By origin. */
  readonly brokers: Readonly<Record<string, BrokerSettings>>;
}

export interface BrokerSettings {
  /** The company's name for it, from the broker itself. */
  readonly name: string;
  /** PEM file or folder with authorities, as an absolute path. */
  readonly caBundle?: string | undefined;
  /** What opens addresses of this broker, as BROWSER has it. */
  readonly browser?: string | undefined;
  /** How `profiles sync` was called last. */
  readonly profiles?: ProfileSettings | undefined;
}

export interface ProfileSettings {
  readonly template?: string | undefined;
  readonly login?: boolean | undefined;
  /** Words that start rolegate. */
  readonly helper?: string | undefined;
  readonly duration?: string | undefined;
  readonly regions?: readonly string[] | undefined;
}

export function settingsFile(machine: Machine): string {
  return join(configDirectory(machine), 'config.json');
}

/** Without a file, or with a foreign one: no broker at all. */
export function readSettings(machine: Machine): Settings {
  const found = readJson(machine, settingsFile(machine)) as Partial<Settings> | undefined | null;
  const { defaultBroker, brokers } = found ?? {};
  return {
    defaultBroker: typeof defaultBroker === 'string' ? defaultBroker : undefined,
    brokers: typeof brokers === 'object' && brokers !== null ? brokers : {},
  };
}

export function writeSettings(machine: Machine, settings: Settings): void {
  writePrivate(settingsFile(machine), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Adds settings of a broker. */
export function rememberBroker(machine: Machine, broker: string, known: Partial<BrokerSettings>): void {
  const settings = readSettings(machine);
  const former = settings.brokers[broker] ?? { name: new URL(broker).host };
  writeSettings(machine, { ...settings, brokers: { ...settings.brokers, [broker]: { ...former, ...known } } });
}

/**
 * The broker that is meant, as an origin: the option, ROLEGATE_URL, or the default of the settings.
 * @throws CliError usage
 */
export function brokerOf(context: CliContext, option: string | undefined): string {
  const named = option ?? context.env['ROLEGATE_URL'] ?? readSettings(context).defaultBroker;
  if (named === undefined) {
    const file = settingsFile(context);
    if (existsSync(file)) {
      const why = `${file} names no broker, or cannot be read`;
      throw new CliError('usage', `${why}: run \`rolegate init https://your-broker\`, which writes it again`);
    }
    throw new CliError('usage', 'no broker is configured: run `rolegate init https://your-broker`, or give --broker');
  }
  return brokerOrigin(context, named);
}

/** @throws CliError usage, if the text is not an https URL; http is for this machine only */
export function brokerOrigin(context: CliContext, text: string): string {
  // A host alone means https: a name with a dot or a port, since any word could be a host otherwise.
  const isHost = /^[\w-]+(\.[\w-]+)*\.?(:\d+)?\/?$/.test(text) && /[.:]/.test(text);
  const address = isHost ? `https://${text}` : text;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLoopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'http:' && isLoopback) return url.origin;
  // The rest of what a URL may hold ($, ', `, ;) would be read by the shells that some SDKs start a profile's command with.
  const isName = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/.test(url?.hostname ?? '');
  if (url?.protocol !== 'https:' || !isName)
    throw new CliError('usage', `${text} is not the https address of a broker`);
  if (url.pathname !== '/' || url.search !== '') say(context, `using ${url.origin}: a broker has no path`);
  return url.origin;
}
