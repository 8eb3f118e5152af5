// `rolegate doctor`: checks everything that this machine needs to reach the broker, and prints remedies.
import { type CliContext, print } from '../machine/context.ts';
import { CliError, type ExitName } from '../machine/errors.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import type { Check } from './doctor-check.ts';
import { checkFiles } from './doctor-files.ts';
import { checkMachine } from './doctor-machine.ts';
import { checkBroker, checkWithoutBroker } from './doctor-network.ts';

export interface DoctorOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

/** A wrong clock explains a refused sign-in, and no network explains everything behind it. */
const byCause: readonly ExitName[] = ['clock', 'network', 'usage', 'login', 'failed'];

/** @throws CliError with the exit code of the most likely cause */
export async function examine(context: CliContext, options: DoctorOptions): Promise<void> {
  // Everything but the broker can be checked before `rolegate init`.
  const known = knownBroker(context, options.broker);
  const broker = typeof known === 'string' ? known : null;
  const checks = [
    ...(await checkMachine(context)),
    ...(typeof known === 'string' ? await checkBroker(context, known) : checkWithoutBroker(context, known)),
    ...checkFiles(context, broker ?? undefined),
  ];
  const failed = checks.filter(({ status }) => status === 'failed');
  if (options.json) {
    // docs/command-line.md has the schema; a change of it gets another number.
    const shown = checks.map(({ exit, ...check }) => check);
    print(context, printableJson({ schema: 1, broker, ok: failed.length === 0, checks: shown }));
  } else {
    for (const line of checks.flatMap(asLines)) print(context, line);
  }
  if (failed.length === 0) return;
  const exit = byCause.find((name) => failed.some((check) => check.exit === name)) ?? 'failed';
  throw new CliError(exit, `${failed.length} of ${checks.length} checks failed`);
}

function knownBroker(context: CliContext, option: string | undefined): string | CliError {
  try {
    return brokerOf(context, option);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

const marks = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

function asLines({ name, status, detail, advice }: Check): string[] {
  const first = printable(`${marks[status]}  ${name}: ${detail}`);
  return advice === null ? [first] : [first, printable(`         ${advice}`)];
}
