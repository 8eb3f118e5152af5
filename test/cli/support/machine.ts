// A machine for the command: a separate home directory, and streams that a test can read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { CliContext } from '../../../src/cli/machine/context.ts';
import { systemClock } from '../../../src/clock.ts';
import { systemRandom } from '../../../src/random.ts';

export interface Machine {
  readonly context: CliContext;
  readonly home: string;
  /** What was said so far, and no more from now on. */
  readonly takeStdout: () => string;
  readonly takeStderr: () => string;
  readonly remove: () => void;
}

export function createMachine(overrides: Partial<CliContext> = {}): Machine {
  const home = mkdtempSync(join(tmpdir(), 'rolegate-home-'));
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const context: CliContext = {
    env: {},
    platform: process.platform,
    homeDirectory: home,
    argv0: ['/usr/bin/node', '/opt/rolegate/rolegate.cjs'],
    stdin,
    stdout,
    stderr,
    isInteractive: false,
    clock: systemClock,
    random: systemRandom,
    ...overrides,
  };
  const take = (stream: PassThrough) => () => String(stream.read() ?? '');
  const remove = () => rmSync(home, { recursive: true, force: true });
  return { context, home, takeStdout: take(stdout), takeStderr: take(stderr), remove };
}
