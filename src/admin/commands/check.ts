// `rolegate-server check`: is this configuration good? Every problem at once.
import type { Command } from 'commander';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { describeChanges, describeConfig } from '../describe-config.ts';

export function addCheck(program: Command, context: ServerContext): void {
  program
    .command('check')
    .description('validate the configuration and print every problem')
    .addOption(configOption())
    .option('--running <file>', 'a configuration that is in use: say what would change, and what needs a restart')
    .option('--offline', 'ask AWS for nothing: of aws-secret and ssm references only the form is checked')
    .action(async (options: ConfigOption & { running?: string; offline?: true }) => {
      const more = { isOffline: options.offline ?? false };
      const config = await context.load(options, more);
      print(context, describeConfig(options.config, config, context.clock.now()));
      if (options.offline) print(context, '  offline: values in AWS were not read');
      if (options.running === undefined) return;
      print(context, describeChanges(await context.load({ config: options.running }, more), config));
    });
}
