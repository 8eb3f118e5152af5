// `rolegate profiles`: the block of profiles in ~/.aws/config that Rolegate owns.
import { type Command, Option } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { brokerOf } from '../machine/settings.ts';
import { type ListOptions, printProfiles, type RemoveOptions, removeProfiles } from '../profiles/profile-list.ts';
import { defaultTemplate } from '../profiles/profile-names.ts';
import { type SyncOptions, syncProfiles } from '../profiles/profiles-sync.ts';

export function addProfiles(program: Command, context: CliContext): void {
  const profiles = program.command('profiles').description('profiles for the AWS CLI and SDKs, in ~/.aws/config');
  profiles
    .command('sync')
    .description('write a profile for each of your roles')
    .option('--broker <url>', 'address of the broker')
    .option('--template <text>', 'names, from {accountId} {alias} {name} {environment} {role}', defaultTemplate)
    .option('--prune', 'remove profiles that rolegate wrote and whose role is gone')
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
    .action((options: ListOptions) => printProfiles(context, options));
  profiles
    .command('remove')
    .description('remove all profiles that `profiles sync` wrote')
    .option('--broker <url>', 'address of the broker')
    .option('--diff', 'show the difference, and change nothing')
    .option('--yes', 'do not ask')
    .action((options: RemoveOptions) => removeProfiles(context, options));
}
