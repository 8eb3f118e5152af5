// `rolegate profiles`: the block of profiles in ~/.aws/config that is ours. The rest of the file is not.
import { type Command, Option } from 'commander';
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { printableJson, table } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { findBlock } from '../profiles/aws-config.ts';
import { awsFiles, readBytes } from '../profiles/aws-config-file.ts';
import { type EditOptions, editBlock } from '../profiles/profile-edit.ts';
import { defaultTemplate } from '../profiles/profile-names.ts';
import { readProfiles } from '../profiles/profile-plan.ts';
import { type SyncOptions, syncProfiles } from '../profiles/profiles-sync.ts';
import { columnsOf } from '../roles/role-picker.ts';

export function addProfiles(program: Command, context: CliContext): void {
  const profiles = program.command('profiles').description('profiles for the AWS CLI and SDKs, in ~/.aws/config');
  profiles
    .command('sync')
    .description('write a profile for each of your roles')
    .option('--broker <url>', 'address of the broker')
    .option('--template <text>', 'names, from {accountId} {alias} {name} {environment} {role}', defaultTemplate)
    .option('--prune', 'remove profiles of ours whose role is gone')
    .option('--login', 'let the profiles open a browser to sign in, once')
    .option('--helper <words>', 'what the profiles start in place of this very command')
    .addOption(new Option('--diff', 'show the difference, and change nothing').conflicts(['dryRun', 'json']))
    .option('--dry-run', 'list what would change, and change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print what changed as JSON')
    .action((options: SyncOptions) => syncProfiles(context, brokerOf(context, options.broker), options));
  profiles
    .command('list')
    .description('list the profiles that `profiles sync` wrote')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action((options: { broker?: string; json?: boolean }) => listProfiles(context, options));
  profiles
    .command('remove')
    .description('remove all profiles that `profiles sync` wrote')
    .option('--broker <url>', 'address of the broker')
    .option('--diff', 'show the difference, and change nothing')
    .option('--yes', 'do not ask')
    .action(async (options: EditOptions & { broker?: string }) => {
      const { config } = awsFiles(context);
      const isDone = await editBlock(
        context,
        brokerOf(context, options.broker),
        { text: readBytes(config), lines: [] },
        options,
      );
      if (isDone) say(context, `${config} has no profiles of this broker now`);
    });
}

function listProfiles(context: CliContext, options: { broker?: string; json?: boolean }): void {
  const { config } = awsFiles(context);
  const { block } = findBlock(readBytes(config), brokerOf(context, options.broker));
  const profiles = readProfiles(block).map(({ name, settings }) => ({
    name,
    roleArn: /--role (\S+)/.exec(settings.get('credential_process') ?? '')?.[1] ?? null,
    region: settings.get('region') ?? null,
  }));
  if (options.json) {
    print(context, printableJson({ file: config, profiles }));
    return;
  }
  if (profiles.length === 0) {
    say(context, `${config} has no profiles of this broker: \`rolegate profiles sync\``);
    return;
  }
  const rows = profiles.map(({ name, roleArn, region }) => [name, accountAndRole(roleArn), region ?? '']);
  const lines = table([['PROFILE', 'ROLE', 'REGION'], ...rows], columnsOf(context.stdout), [0]);
  for (const line of lines) print(context, line);
}

/** `444455556666/Developer`, as commands take it. */
function accountAndRole(roleArn: string | null): string {
  const role = readRoleArn(roleArn ?? '');
  return role ? `${role.accountId}/${role.name}` : '';
}
