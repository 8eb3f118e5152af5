// `rolegate brokers`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { listBrokers, useBroker } from '../sign-in/brokers.ts';

export function addBrokers(program: Command, context: CliContext): void {
  const brokers = program.command('brokers').description('list the brokers that this machine knows, or choose another');
  brokers
    .command('list', { isDefault: true })
    .description('list them; * marks the one that commands use')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => listBrokers(context, options));
  brokers
    .command('use')
    .description('use another one of them')
    .argument('<broker>', 'its address, host or name')
    .option('--json', 'print JSON')
    .action((word: string, options: { json?: boolean }) => useBroker(context, word, options));
}
