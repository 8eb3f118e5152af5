// Runs one command of `rolegate-server` in this process, on a configuration that the test has already loaded.
import { Writable } from 'node:stream';
import { Command } from 'commander';
import type { ServerContext } from '../../src/admin/context.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';

export interface CommandOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly hasFailed: boolean;
}

export async function runCommand(
  add: (program: Command, context: ServerContext) => void,
  args: readonly string[],
  load: ServerContext['load'],
  clock: Clock = systemClock,
): Promise<CommandOutcome> {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        said[name] += chunk.toString();
        done();
      },
    });
  let hasFailed = false;
  const context: ServerContext = {
    clock,
    random: systemRandom,
    load,
    stdout: into('stdout'),
    stderr: into('stderr'),
    fail: () => {
      hasFailed = true;
    },
    loadChanged: () => Promise.reject(new Error('only start does that')),
    onHangup: () => {},
    watch: () => Promise.reject(new Error('only start does that')),
    started: () => {},
    exit: () => {},
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  add(program, context);
  await program.parseAsync([...args], { from: 'user' });
  return { ...said, hasFailed };
}
