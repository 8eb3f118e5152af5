// `rolegate-server explain`: which roles a user with these groups would have, and why not the others. Offline.
import type { Command } from 'commander';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { explain } from '../explain.ts';

export function addExplain(program: Command, context: ServerContext): void {
  program
    .command('explain')
    .description('show which roles a user with these groups would have, and why')
    .option('--user <name>', 'value of the user attribute', 'someone')
    .option('--groups <name...>', 'values of the groups attribute', [])
    .option('--idp <id>', 'identity provider')
    .addOption(configOption())
    .action(async (options: ConfigOption & { user: string; groups: string[]; idp?: string }) => {
      const { user, groups, idp } = options;
      print(context, explain(await context.load(options), { user, groups, idp }, context.clock.now()));
    });
}
