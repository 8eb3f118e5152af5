// `rolegate export`.
import type { Command } from 'commander';
import type { ExportOptions } from '../credentials/export.ts';
import { shells } from '../credentials/shells.ts';
import type { CliContext } from '../machine/context.ts';
import { addSessionOptions } from './options.ts';

export function addExport(program: Command, context: CliContext): void {
  const command = program
    .command('export')
    .description('print credentials for the shell: eval "$(rolegate export payments-dev/Developer)"')
    .argument('[role]', 'ARN, account/role, or in a terminal words that only one role has')
    .option('--shell <name>', `${shells.join(', ')}; the one in use by default`)
    .option('--json', 'the same as --shell json')
    .option('--unset', 'print what removes them again, the region too')
    .option('--prompt', 'set ROLEGATE_ROLE and ROLEGATE_EXPIRES too, which prompts show')
    .option('--region <name>', "region to work in; the account's own by default")
    .option('--broker <url>', 'address of the broker');
  addSessionOptions(command).action(async (role: string | undefined, options: ExportOptions) => {
    const { exportCredentials } = await import('../credentials/export.ts');
    await exportCredentials(context, role, options);
  });
}
