// `rolegate profiles add`: a profile of a second role, which no list of roles has. `profiles sync` keeps it.
import { commandLineWord } from '../../wire/role-arn.ts';
import { readRoleRequest } from '../credentials/session-options.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { findBlock } from './aws-config.ts';
import { awsFiles, readConfig } from './aws-config-file.ts';
import { profileLines, readProfiles, restoreBlock, roleOf, secondRoleOf } from './profile-block.ts';
import { type EditOptions, editBlock } from './profile-edit.ts';
import { byName, commandFor } from './profile-plan.ts';
import { chooseSettings } from './profile-settings.ts';
import { requireNoShadows } from './shadowing.ts';

export interface AddOptions extends EditOptions {
  readonly role: string;
  readonly then: string;
  readonly externalId?: string;
  readonly duration?: string;
  readonly region?: string;
  readonly login?: boolean;
  readonly broker?: string;
  readonly json?: boolean;
}

/** @throws CliError */
export async function addProfile(context: CliContext, name: string, options: AddOptions): Promise<void> {
  if (!/^[\w.@+-]{1,128}$/.test(name) || name === 'default') {
    throw new CliError('usage', `"${printable(name)}" is not a name for a profile: letters, digits and .@+_- only`);
  }
  const { broker, roleArn, region, secondRole } = await readRoleRequest(context, options.role, options);
  const [first, second] = [roleArn, secondRole!.roleArn].map(commandLineWord);
  if (first === undefined || second === undefined) {
    throw new CliError('usage', 'tools read the path of this role in different ways: use `rolegate exec` or `serve`');
  }
  const files = awsFiles(context);
  const text = readConfig(files.config);
  const profiles = readProfiles(findBlock(restoreBlock(text, broker), broker).block);
  const former = profiles.find((each) => each.name === name);
  if (former && secondRoleOf(former) === undefined) {
    throw new CliError('usage', `${name} is the profile of ${roleOf(former)}: choose another name`);
  }
  const { login, duration = false } = options;
  const settings = chooseSettings(context, broker, { duration, ...(login === undefined ? {} : { login }) });
  const id = secondRole!.externalId === undefined ? [] : ['--external-id', secondRole!.externalId];
  const words = ['--then', second, ...id, ...settings.options];
  const command = commandFor({ helper: settings.helper, broker, options: words }, roleArn);
  const added = {
    name,
    settings: new Map([
      ['credential_process', command],
      ...(region === undefined ? [] : [['region', region] as const]),
    ]),
    added: former?.added ?? [],
  };
  const lines = profileLines([...profiles.filter((each) => each !== former), added].sort(byName));
  const check = (config: string) => requireNoShadows(files, broker, config, new Set([name]));
  check(restoreBlock(text, broker));
  const current = await editBlock(context, broker, { text, lines, check }, options);
  if (options.json) {
    const profile = { name, roleArn, secondRoleArn: secondRole!.roleArn, region: region ?? null };
    print(context, printableJson({ file: files.config, current, profile }));
  } else if (current) say(context, `${files.config} has ${name}: \`aws s3 ls --profile ${name}\``);
}
