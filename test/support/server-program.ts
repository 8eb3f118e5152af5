// `rolegate-server` as one file, for tests that start it often: a compiler in every child would be most of their work.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface ServerProgram {
  readonly file: string;
  readonly remove: () => void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** For every command but `start`, which needs the assets beside it. */
export async function buildServerProgram(): Promise<ServerProgram> {
  // Below node_modules: packages are not bundled, and are looked for from where the file lies.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'rolegate-server-'));
  await build({
    entryPoints: [join(root, 'src/server.ts')],
    outdir: directory,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  });
  return { file: join(directory, 'server.mjs'), remove: () => rmSync(directory, { recursive: true, force: true }) };
}
