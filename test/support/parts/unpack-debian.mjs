// Downloads packages of Debian and Ubuntu with apt-get and unpacks them below node_modules/.cache: without root, without
// installing, so that no service starts and nothing on the system changes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @returns whether it can be used now; false without package lists or network: the caller names a command then */
export function unpackDebian({ packages, folder, isUsable, options = [] }) {
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    // As root, apt-get would download as user _apt, who may not write into our folder.
    const settings = ['APT::Sandbox::User=root', ...options].flatMap((option) => ['-o', option]);
    run('apt-get', [...settings, 'download', '-qq', ...packages], work);
    const archives = readdirSync(work).filter((name) => name.endsWith('.deb'));
    for (const archive of archives) run('dpkg', ['-x', archive, 'root'], work);
    publish(join(work, 'root'), folder, isUsable);
    return isUsable();
  } catch {
    return false; // the caller names the command that installs it
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Renames into place, so that a second test run at the same time never sees half of it. */
function publish(root, folder, isUsable) {
  if (isUsable()) return;
  rmSync(folder, { recursive: true, force: true });
  renameSync(root, folder);
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
