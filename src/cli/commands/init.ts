// `rolegate init`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { initBroker } from '../sign-in/init.ts';

export function addInit(program: Command, context: CliContext): void {
  program
    .command('init')
    .description('remember a broker, and use it where none is named')
    .argument('<url>', 'address of the broker')
    .action((url: string) => initBroker(context, url));
}
