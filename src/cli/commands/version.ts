// `rolegate version`.
import type { Command } from 'commander';
import type { CliContext } from '../machine/context.ts';
import { printVersion } from '../machine/version.ts';

export function addVersion(program: Command, context: CliContext): void {
  program
    .command('version')
    .description('print the version')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => printVersion(context, options));
}
