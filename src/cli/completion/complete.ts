// What can be typed next: from the commands themselves and the roles of the last list. Pressing Tab sends no request.
import type { Command, Option } from 'commander';
import { serviceNames } from '../../aws/console-services.ts';
import { shells } from '../credentials/shells.ts';
import type { CliContext } from '../machine/context.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { readSettings } from '../machine/settings.ts';
import { readSections } from '../profiles/aws-config.ts';
import { awsFiles, readBytes } from '../profiles/aws-config-file.ts';
import { secondRoleOf } from '../profiles/profile-block.ts';

/** In place of words: the shell completes names of files by itself. No word begins with it. */
const filesMark = '@files';

interface Completion {
  readonly word: string;
  /** For shells that show it. */
  readonly description: string;
}

/** What can be put in place of the last word, which may be unfinished. */
export function complete(program: Command, context: CliContext, words: readonly string[]): Completion[] {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  // Behind it is another program's line, which the shell completes.
  if (before.includes('--')) return [];
  const command = before.reduce(
    (parent, word) => parent.commands.find((each) => each.name() === word) ?? parent,
    program,
  );
  // `--role=pay` is one word, and `--role pay` two.
  const [, inline, text = ''] = /^(--[\w-]+=)(.*)$/.exec(current) ?? [];
  const name = inline?.slice(0, -1) ?? before.at(-1) ?? '';
  const option = [...program.options, ...command.options].find(({ long, short }) => [long, short].includes(name));
  if (!option?.required) return fitting(wordsOf(context, command, current, before), current);
  const values = valuesOf(context, option, before).map((each) => ({ ...each, word: `${inline ?? ''}${each.word}` }));
  if (values.some(({ word }) => word.endsWith(filesMark))) return [{ word: filesMark, description: '' }];
  return fitting(values, inline === undefined ? current : inline + text);
}

/** Names come from a broker: nothing that a shell would expand, run or split. */
function fitting(found: readonly Completion[], current: string): Completion[] {
  return found.filter(({ word }) => word.startsWith(current) && /^[\w@%+=:,./[\]-]+$/.test(word));
}

function wordsOf(context: CliContext, command: Command, current: string, before: readonly string[]): Completion[] {
  const help = command.createHelp();
  if (current.startsWith('-')) {
    return help.visibleOptions(command).flatMap(({ long, description }) => (long ? [{ word: long, description }] : []));
  }
  if (command.commands.length > 0) {
    return help
      .visibleCommands(command)
      .map((each) => ({ word: each.name(), description: each.summary() || each.description() }));
  }
  const [argument] = command.registeredArguments;
  if (argument?.argChoices) return plain(argument.argChoices);
  return argument && /^(role|words)$/.test(argument.name()) ? roleNames(context, before) : [];
}

function valuesOf(context: CliContext, option: Option, before: readonly string[]): Completion[] {
  if (option.argChoices) return plain(option.argChoices);
  switch (option.long) {
    case '--role':
    case '--step-up':
      return roleNames(context, before);
    case '--broker':
      return plain(Object.keys(readSettings(context).brokers));
    case '--shell':
      return plain(shells);
    case '--method':
      return plain(['GET', 'PUT']);
    case '--service':
      return plain(serviceNames);
    case '--region':
    case '--regions':
      return plain([...new Set(knownRoles(context, before).flatMap(({ region }) => region ?? []))]);
    case '--then':
      return plain([...new Set(awsSections(context).flatMap((section) => secondRoleOf(section) ?? []))]);
    case '--profile':
      return plain([...new Set(awsSections(context).map(({ header }) => header.replace(/^profile /, '')))]);
    case '--ca-bundle':
    case '--output':
    case '--upload-file':
      return plain([filesMark]);
    default:
      return [];
  }
}

function awsSections(context: CliContext) {
  try {
    const { config, credentials } = awsFiles(context);
    return [config, credentials].flatMap((file) => readSections(readBytes(file)));
  } catch {
    return []; // Tab is not the place to say why a file cannot be read
  }
}

function plain(words: readonly string[]): Completion[] {
  return words.map((word) => ({ word, description: '' }));
}

function roleNames(context: CliContext, before: readonly string[]): Completion[] {
  return knownRoles(context, before).map(({ name, roleArn }) => ({
    word: name,
    description: roleArn.split(':')[4] ?? '',
  }));
}

function knownRoles(context: CliContext, before: readonly string[]) {
  const named = before[before.indexOf('--broker') + 1];
  const option = before.includes('--broker') ? named : undefined;
  const broker = option ?? context.env['ROLEGATE_URL'] ?? readSettings(context).defaultBroker;
  if (broker === undefined || !URL.canParse(broker)) return [];
  return readKnownRoles(context, new URL(broker).origin);
}
