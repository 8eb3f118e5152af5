// The command as people install it: one file, started by Node with a separate home directory.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { endsWithUs } from '../../support/children.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const builder = new URL('../../../deploy/build-cli.mjs', import.meta.url).href;
interface Builder {
  readonly CLI_FILE: string;
  readonly buildCli: (root: string, folder: string) => Promise<void>;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bundle {
  readonly file: string;
  /** Starts it, with only PATH, HOME and the given variables in its environment. */
  readonly run: (home: string, args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  /** The same for another script. */
  readonly runFile: (file: string, home: string, env: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly remove: () => void;
}

export async function buildBundle(): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-bundle-'));
  const { buildCli, CLI_FILE }: Builder = await import(builder);
  await buildCli(root, folder);
  const file = join(folder, CLI_FILE);
  const launch = (words: readonly string[], home: string, env: Readonly<Record<string, string>> = {}) => {
    const path = process.env['PATH'] ?? '';
    const child = endsWithUs(
      spawn(inject('node'), words, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: path, HOME: home, ...env },
      }),
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    return new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  };
  return {
    file,
    run: (home, args, env) => launch([file, ...args], home, env),
    runFile: (other, home, env) => launch([other], home, env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
