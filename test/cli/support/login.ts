// A command under way in this process, with the person's browser in the test's hands.
import type { Readable } from 'node:stream';
import { CliError, type ExitName } from '../../../src/cli/machine/errors.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Machine } from './machine.ts';

export interface Run {
  /** How it ended. */
  readonly ended: Promise<{ exit: ExitName; message: string }>;
  /** What it has said so far. */
  readonly said: () => string;
  /** The first match in what it says. */
  readonly says: (pattern: RegExp) => Promise<string>;
}

export function run(machine: Machine, ...argv: string[]): Run {
  return follow(machine, () => runProgram(machine.context, argv));
}

export function follow(machine: Machine, work: () => Promise<unknown>): Run {
  let text = '';
  const look = new Set<() => void>();
  (machine.context.stderr as unknown as Readable).on('data', (chunk: Buffer) => {
    text += String(chunk);
    for (const each of look) each();
  });
  const ended = work().then(
    () => ({ exit: 'ok' as const, message: '' }),
    (error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      return { exit: error.exit, message: error.message };
    },
  );
  const says = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        const found = pattern.exec(text)?.[0];
        if (found !== undefined) resolve(found);
      };
      look.add(check);
      check();
      ended.then(({ message }) => reject(new Error(`it ended without saying ${pattern}: ${message}\n${text}`)), reject);
    });
  return { ended, said: () => text, says };
}

/** Opens the address that the command printed, and goes where the broker sends the browser. */
export async function browse({ says }: Run): Promise<Response> {
  return fetch(await says(/http:\S+\/oauth\/authorize\?\S+/));
}

/** The same, but stops at the loopback address with the code. */
export async function reachCallback({ says }: Run): Promise<URL> {
  const answer = await fetch(await says(/http:\S+\/oauth\/authorize\?\S+/), { redirect: 'manual' });
  return new URL(answer.headers.get('location')!);
}
