// `rolegate-server check`: is this configuration good? Every problem at once.
import type { Command } from 'commander';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { describeConfig } from '../describe-config.ts';

export function addCheck(program: Command, context: ServerContext): void {
  program
    .command('check')
    .description('validate the configuration and print every problem')
    .addOption(configOption())
    .action(async (options: ConfigOption) =>
      print(context, describeConfig(options.config, await context.load(options), context.clock.now())),
    );
}
