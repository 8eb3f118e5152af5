// What can be typed next: from the commands themselves and the roles of the last list. Pressing Tab sends no request.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { readSettings } from '../machine/settings.ts';

/** What can be put in place of the last word, which may be unfinished. */
export function complete(program: Command, context: CliContext, words: readonly string[]): string[] {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  // Behind it is another program's line.
  if (before.includes('--')) return [];
  const command = before.reduce(
    (parent, word) => parent.commands.find((each) => each.name() === word) ?? parent,
    program,
  );
  const option = [...program.options, ...command.options].find((each) =>
    [each.long, each.short].includes(before.at(-1) ?? ''),
  );
  const found = option?.required
    ? (option.argChoices ?? valuesOf(context, option.long, before))
    : wordsOf(context, command, current, before);
  // Names come from a broker: nothing that a shell would expand, run or split.
  return found.filter((word) => word.startsWith(current) && /^[\w@%+=:,./[\]-]+$/.test(word));
}

function wordsOf(context: CliContext, command: Command, current: string, before: readonly string[]): string[] {
  const help = command.createHelp();
  if (current.startsWith('-')) return help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  if (command.commands.length > 0) return help.visibleCommands(command).map((each) => each.name());
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return argument.argChoices;
  return argument && /^(role|words)$/.test(argument.name()) ? roleNames(context, before) : [];
}

function valuesOf(context: CliContext, option: string | undefined, before: readonly string[]): string[] {
  if (option === '--role' || option === '--step-up') return roleNames(context, before);
  if (option === '--broker') return Object.keys(readSettings(context).brokers);
  return [];
}

function roleNames(context: CliContext, before: readonly string[]): string[] {
  const named = before[before.indexOf('--broker') + 1];
  const option = before.includes('--broker') ? named : undefined;
  const broker = option ?? context.env['ROLEGATE_URL'] ?? readSettings(context).defaultBroker;
  if (broker === undefined || !URL.canParse(broker)) return [];
  return readKnownRoles(context, new URL(broker).origin).map(({ name }) => name);
}
