// `rolegate brokers`: the brokers that `init` has made known, and which of them is meant. Needs no network.
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, printableJson, table } from '../machine/printable.ts';
import { readSettings, writeSettings } from '../machine/settings.ts';
import { readSignIn } from './tokens.ts';

export function listBrokers(context: CliContext, options: { readonly json?: boolean }): void {
  const { brokers, defaultBroker } = readSettings(context);
  const found = Object.entries(brokers).map(([url, { name }]) => ({
    url,
    name,
    isDefault: url === defaultBroker,
    user: readSignIn(context, url)?.person?.user ?? null,
  }));
  if (options.json) {
    print(context, printableJson({ brokers: found }));
    return;
  }
  if (found.length === 0) say(context, 'no broker is known yet: run `rolegate init https://your-broker`');
  const rows = found.map(({ url, name, isDefault, user }) => [
    isDefault ? '*' : '',
    url,
    name,
    user ?? 'not signed in',
  ]);
  for (const line of rows.length === 0 ? [] : table([['', 'BROKER', 'NAME', 'USER'], ...rows], undefined))
    print(context, line);
}

/** @param word its address, its host or its name. @throws CliError usage */
export function useBroker(context: CliContext, word: string, options: { readonly json?: boolean }): void {
  const settings = readSettings(context);
  const { brokers } = settings;
  const fits = (url: string) =>
    url === word.replace(/\/$/, '') || new URL(url).host === word || brokers[url]?.name === word;
  const found = Object.keys(brokers).filter((url) => URL.canParse(url) && fits(url));
  if (found.length !== 1) {
    const known = Object.keys(brokers).join(', ') || 'none';
    throw new CliError(
      'usage',
      printable(`"${word}" is ${found.length === 0 ? 'not a known broker' : 'several brokers'}; known: ${known}`),
    );
  }
  writeSettings(context, { ...settings, defaultBroker: found[0] });
  const { name } = brokers[found[0]!]!;
  if (options.json) print(context, printableJson({ broker: found[0], name }));
  else say(context, `${printable(name)} at ${found[0]} is your broker now.`);
}
