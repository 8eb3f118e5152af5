// `rolegate profiles list` and `remove`: what the block of Rolegate in ~/.aws/config holds, and the end of it or of some.
import { roleReference } from '../../wire/role-arn.ts';
import { type CliContext, columnsOf, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, printableJson, table } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { findBlock } from './aws-config.ts';
import { awsFiles, readConfig } from './aws-config-file.ts';
import { profileLines, readProfiles, restoreBlock, roleOf, secondRoleOf } from './profile-block.ts';
import { type EditOptions, editBlock } from './profile-edit.ts';

export interface ListOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

export interface RemoveOptions extends EditOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

/** @throws CliError */
export async function removeProfiles(
  context: CliContext,
  names: readonly string[],
  options: RemoveOptions,
): Promise<void> {
  const { config } = awsFiles(context);
  const broker = brokerOf(context, options.broker);
  const text = readConfig(config);
  const profiles = readProfiles(findBlock(restoreBlock(text, broker), broker).block);
  const unknown = names.find((name) => profiles.every((each) => each.name !== name));
  if (unknown !== undefined) {
    throw new CliError('usage', `"${printable(unknown)}" is not a profile of this broker: \`rolegate profiles list\``);
  }
  const kept = names.length === 0 ? [] : profiles.filter(({ name }) => !names.includes(name));
  const current = await editBlock(context, broker, { text, lines: profileLines(kept) }, options);
  if (options.json) {
    const removed = current ? profiles.filter((each) => !kept.includes(each)).map(({ name }) => name) : [];
    print(context, printableJson({ file: config, current, removed }));
  } else if (current) {
    say(context, kept.length === 0 ? `${config} has no profiles of this broker now` : `removed ${names.join(', ')}`);
  }
}

export function printProfiles(context: CliContext, options: ListOptions): void {
  const { config } = awsFiles(context);
  const broker = brokerOf(context, options.broker);
  const { block } = findBlock(restoreBlock(readConfig(config), broker), broker);
  const profiles = readProfiles(block).map((profile) => ({
    name: profile.name,
    roleArn: roleOf(profile) ?? null,
    secondRoleArn: secondRoleOf(profile) ?? null,
    region: profile.settings.get('region') ?? null,
  }));
  if (options.json) {
    print(context, printableJson({ file: config, profiles }));
    return;
  }
  if (profiles.length === 0) {
    say(context, `${config} has no profiles of this broker: \`rolegate profiles sync\``);
    return;
  }
  // `444455556666/Developer`, as commands take it.
  const rows = profiles.map(({ name, roleArn, secondRoleArn, region }) => {
    const roles = [roleArn, secondRoleArn].filter((each) => each !== null).map((each) => roleReference(each));
    return [name, roles.join(' then '), region ?? ''];
  });
  const lines = table([['PROFILE', 'ROLE', 'REGION'], ...rows], columnsOf(context.stdout), [0]);
  for (const line of lines) print(context, line);
}
