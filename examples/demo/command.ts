// Builds the command line that /cli of the demo offers, for a checkout in which `npm run build` has not run.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Builder {
  readonly CLI_FILE: string;
  readonly buildCli: (root: string, folder: string) => Promise<void>;
}

/** Makes the file in dist/ unless it exists. `npm run build` makes it again. */
export async function buildMissingCommand(): Promise<void> {
  const { buildCli, CLI_FILE }: Builder = await import(new URL('../../deploy/build-cli.mjs', import.meta.url).href);
  const dist = join(root, 'dist');
  if (existsSync(join(dist, CLI_FILE))) return;
  mkdirSync(dist, { recursive: true });
  const work = mkdtempSync(join(dist, '.command-'));
  try {
    await buildCli(root, work);
    renameSync(join(work, CLI_FILE), join(dist, CLI_FILE));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
