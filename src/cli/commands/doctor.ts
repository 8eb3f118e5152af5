// `rolegate doctor`.
import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/doctor.ts';
import type { CliContext } from '../machine/context.ts';

export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('check what this machine needs to use the broker; the exit code names the cause')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: DoctorOptions) => (await import('../doctor/doctor.ts')).examine(context, options));
}
