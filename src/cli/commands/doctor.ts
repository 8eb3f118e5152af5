// `rolegate doctor`: what stands between this machine and the broker, each with what to do about it.
import type { Command } from 'commander';
import type { Check } from '../doctor/doctor-check.ts';
import { checkFiles } from '../doctor/doctor-files.ts';
import { checkMachine } from '../doctor/doctor-machine.ts';
import { checkBroker } from '../doctor/doctor-network.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError, type ExitName } from '../machine/errors.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';

export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('check what this machine needs to use the broker; the exit code says what is wrong')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: { broker?: string; json?: boolean }) => {
      const broker = brokerOf(context, options.broker);
      const checks = await examine(context, broker);
      const wrong = checks.filter(({ status }) => status === 'failed');
      if (options.json) print(context, printableJson(asJson(broker, checks)));
      else for (const line of checks.flatMap(asLines)) print(context, line);
      if (wrong.length > 0) throw new CliError(worst(wrong), `${wrong.length} of ${checks.length} checks failed`);
    });
}

async function examine(context: CliContext, broker: string): Promise<Check[]> {
  return [...(await checkMachine(context)), ...(await checkBroker(context, broker)), ...checkFiles(context, broker)];
}

/** The schema stands in docs/command-line.md; a change of it gets another number. */
function asJson(broker: string, checks: readonly Check[]) {
  const ok = checks.every(({ status }) => status !== 'failed');
  return { schema: 1, broker, ok, checks: checks.map(({ exit, ...shown }) => shown) };
}

const marks = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

function asLines({ name, status, detail, advice }: Check): string[] {
  const first = printable(`${marks[status]}  ${name}: ${detail}`);
  return advice === null ? [first] : [first, printable(`         ${advice}`)];
}

/** A wrong clock explains a refused sign-in, and no network explains everything behind it. */
const order: readonly ExitName[] = ['clock', 'network', 'login', 'failed'];

function worst(wrong: readonly Check[]): ExitName {
  return order.find((exit) => wrong.some((check) => check.exit === exit)) ?? 'failed';
}
