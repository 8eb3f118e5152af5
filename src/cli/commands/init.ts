// `rolegate init`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import type { InitOptions } from '../sign-in/init.ts';

export function addInit(program: Command, context: CliContext): void {
  program
    .command('init')
    .description('set up this machine for a broker')
    .argument('<url>', 'address of the broker; https:// may be left out')
    .option('--browser <command>', 'what opens its pages, as BROWSER has it; remembered, as --ca-bundle is')
    .option('--json', 'print JSON')
    .action(async (url: string, options: InitOptions) => {
      await (await import('../sign-in/init.ts')).initBroker(context, url, options);
    });
}
