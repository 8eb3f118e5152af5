// Gets a real Redis server on Debian and Ubuntu without root and without installing: the packages are downloaded with
// apt-get and unpacked below node_modules/.cache, so that no service starts and nothing on the system changes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPart, redisEnvironment, UNPACKED_REDIS } from './find-part.mjs';

const PACKAGES = ['redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1', 'libatomic1'];
// A slim image may lack OpenSSL's library, which has another name since the 64-bit time_t transition.
const ATTEMPTS = [PACKAGES, [...PACKAGES, 'libssl3'], [...PACKAGES, 'libssl3t64']];

/** Unpacks a Redis server that runs here. @returns false when that was not possible (no package lists, no network). */
export function unpackRedis() {
  return ATTEMPTS.some((packages) => tryPackages(packages));
}

function tryPackages(packages) {
  mkdirSync(dirname(UNPACKED_REDIS), { recursive: true });
  const work = mkdtempSync(`${UNPACKED_REDIS}-`);
  try {
    // As root, apt-get would download as user _apt, who may not write into our folder.
    run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', '-qq', ...packages], work);
    const archives = readdirSync(work).filter((name) => name.endsWith('.deb'));
    for (const archive of archives) run('dpkg', ['-x', archive, 'root'], work);
    publish(join(work, 'root'));
    return runs();
  } catch {
    return false; // the caller names the command that installs Redis
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Renames into place, so that a second test run at the same time never sees half a server. */
function publish(root) {
  if (runs()) return;
  rmSync(UNPACKED_REDIS, { recursive: true, force: true });
  renameSync(root, UNPACKED_REDIS);
}

function runs() {
  const path = findPart('redis');
  if (path === undefined) return false;
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', env: { ...process.env, ...redisEnvironment(path) } });
    return true;
  } catch {
    return false; // a library is missing: the next attempt brings it
  }
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
