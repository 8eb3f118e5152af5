// The command as a separate process that a test observes while it runs: its output as it arrives, and its exit.
import { type ChildProcess, spawn } from 'node:child_process';
import { inject } from 'vitest';
import { endsWithUs } from '../../support/children.ts';

export interface LiveProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The first match in standard error. @throws Error if it ends without it */
  readonly says: (pattern: RegExp) => Promise<string>;
  /** Exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Standard input stays open, as a terminal's does. */
export function startLive(words: readonly string[], env: Readonly<Record<string, string>>): LiveProcess {
  const path = process.env['PATH'] ?? '';
  const child = endsWithUs(spawn(inject('node'), words, { stdio: 'pipe', env: { PATH: path, ...env } }));
  let [stdout, stderr] = ['', ''];
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const says = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(stderr)?.[0];
        if (found !== undefined) resolve(found);
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${stderr}`)));
    });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, stdout: () => stdout, stderr: () => stderr, says, ended };
}
