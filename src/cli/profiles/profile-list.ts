// `rolegate profiles list` and `remove`: what the block of Rolegate in ~/.aws/config holds, and its end.
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { printableJson, table } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { columnsOf } from '../roles/role-picker.ts';
import { findBlock } from './aws-config.ts';
import { awsFiles, readConfig } from './aws-config-file.ts';
import { readProfiles, restoreBlock, roleOf } from './profile-block.ts';
import { type EditOptions, editBlock } from './profile-edit.ts';

export interface ListOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

export interface RemoveOptions extends EditOptions {
  readonly broker?: string;
}

/** @throws CliError */
export async function removeProfiles(context: CliContext, options: RemoveOptions): Promise<void> {
  const { config } = awsFiles(context);
  const edit = { text: readConfig(config), lines: [] };
  const isDone = await editBlock(context, brokerOf(context, options.broker), edit, options);
  if (isDone) say(context, `${config} has no profiles of this broker now`);
}

export function printProfiles(context: CliContext, options: ListOptions): void {
  const { config } = awsFiles(context);
  const broker = brokerOf(context, options.broker);
  const { block } = findBlock(restoreBlock(readConfig(config), broker), broker);
  const profiles = readProfiles(block).map((profile) => ({
    name: profile.name,
    roleArn: roleOf(profile) ?? null,
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
  const rows = profiles.map(({ name, roleArn, region }) => {
    const role = readRoleArn(roleArn ?? '');
    // `444455556666/Developer`, as commands take it.
    return [name, role ? `${role.accountId}/${role.name}` : '', region ?? ''];
  });
  const lines = table([['PROFILE', 'ROLE', 'REGION'], ...rows], columnsOf(context.stdout), [0]);
  for (const line of lines) print(context, line);
}
