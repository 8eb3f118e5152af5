// `rolegate profiles`: the block of profiles in ~/.aws/config that Rolegate owns.
import { type Command, Option } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { brokerOf } from '../machine/settings.ts';
import type { AddOptions } from '../profiles/profile-add.ts';
import type { ListOptions, RemoveOptions } from '../profiles/profile-list.ts';
import { defaultTemplate, templateFields } from '../profiles/profile-template.ts';
import type { SyncOptions } from '../profiles/profiles-sync.ts';
import { addSecondRole } from './options.ts';

export function addProfiles(program: Command, context: CliContext): void {
  const profiles = program.command('profiles').description('profiles for the AWS CLI and SDKs, in ~/.aws/config');
  profiles
    .command('sync')
    .description('write a profile for each of your roles, with the settings of the last time')
    .argument('[words...]', 'only roles that have all these words in their names; other profiles stay as they are')
    .option('--broker <url>', 'address of the broker')
    .option(
      '--template <text>',
      `names, from ${templateFields.join(' ')} (default: ${defaultTemplate}); remembered for the next time`,
    )
    .option('--prune', 'remove profiles that rolegate wrote and that these roles and settings do not make')
    .option('--login', 'let the profiles open a browser to sign in, once; remembered')
    .option('--no-login', 'no longer')
    .option('--regions <names>', 'a profile in each of these regions, such as eu-west-1,us-east-1; remembered')
    .option('--no-regions', "the account's own region again")
    .option('--duration <time>', 'session duration; remembered')
    .option('--no-duration', 'the maximum that the rule allows again')
    .option('--helper <words>', 'command that the profiles run (default: this one); remembered')
    .option('--no-helper', 'this command again')
    .addOption(new Option('--diff', 'show the difference, and change nothing').conflicts(['dryRun', 'json']))
    .option('--dry-run', 'list what would change, and change nothing')
    .option('--yes', 'do not ask')
    .option('--force', 'also if the file is read-only')
    .option('--json', 'print what changed as JSON')
    .action(async (words: string[], options: SyncOptions) => {
      const { syncProfiles } = await import('../profiles/profiles-sync.ts');
      await syncProfiles(context, brokerOf(context, options.broker), words.join(' '), options);
    });
  addAdd(profiles, context);
  profiles
    .command('list')
    .description('list the profiles that rolegate wrote')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: ListOptions) => {
      (await import('../profiles/profile-list.ts')).printProfiles(context, options);
    });
  profiles
    .command('remove')
    .description('remove all profiles that rolegate wrote, or those that are named')
    .argument('[names...]', 'names of profiles')
    .option('--broker <url>', 'address of the broker')
    .option('--diff', 'show the difference, and change nothing')
    .option('--yes', 'do not ask')
    .option('--force', 'also if the file is read-only')
    .option('--json', 'print JSON')
    .action(async (names: string[], options: RemoveOptions) => {
      await (await import('../profiles/profile-list.ts')).removeProfiles(context, names, options);
    });
}

function addAdd(profiles: Command, context: CliContext): void {
  addSecondRole(
    profiles
      .command('add')
      .description('write a profile of a second role, which `profiles sync` keeps')
      .argument('<name>', 'name of the profile')
      .requiredOption('--role <role>', 'the first role: its ARN, account/role, or in a terminal words of its name'),
    { isRequired: true },
  )
    .option('--broker <url>', 'address of the broker')
    .option('--region <name>', "region of the profile; that of the first role's account by default")
    .option('--duration <time>', 'session duration, at most 1h')
    .option('--login', 'let the profile open a browser to sign in, once; as `profiles sync` remembers by default')
    .option('--no-login', 'never')
    .option('--diff', 'show the difference, and change nothing')
    .option('--yes', 'do not ask')
    .option('--force', 'also if the file is read-only')
    .option('--json', 'print JSON')
    .action(async (name: string, options: AddOptions) => {
      await (await import('../profiles/profile-add.ts')).addProfile(context, name, options);
    });
}
