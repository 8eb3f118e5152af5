// A separate terminal of the system, as script(1) makes one: what a person sees there, types there, and its width.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endsWithUs } from '../../support/children.ts';

export interface PseudoTerminal {
  readonly seen: () => string;
  /** The first match behind position `from` of the output. @throws Error if it ends without it */
  readonly says: (pattern: RegExp, from?: number) => Promise<string>;
  readonly type: (text: string) => void;
  readonly resize: (columns: number) => void;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** @param line for a POSIX shell. @param env with a HOME, in which it leaves a file */
export function openPseudoTerminal(
  line: string,
  env: Readonly<Record<string, string>> & { readonly HOME: string },
): PseudoTerminal {
  const device = join(env.HOME, '.terminal');
  const script = `tty > '${device}'; stty cols 100 rows 30; ${line}`;
  const child = endsWithUs(
    spawn('script', ['-qec', script, '/dev/null'], { env: { TERM: 'xterm', ...env, SHELL: '/bin/sh' }, stdio: 'pipe' }),
  );
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const says = (pattern: RegExp, from = 0) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(seen.slice(from))?.[0];
        if (found === undefined) return;
        child.stdout.off('data', look);
        resolve(found);
      };
      child.stdout.on('data', look);
      look();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${seen}`)));
    });
  return {
    seen: () => seen,
    says,
    type: (text) => void child.stdin.write(text),
    resize: (columns) => {
      const terminal = readFileSync(device, 'utf8').trim();
      execFileSync('stty', ['-F', terminal, 'cols', `${columns}`]);
    },
    ended,
  };
}
