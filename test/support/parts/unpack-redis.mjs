// Gets a real Redis server on Debian and Ubuntu without root and without installing.
import { execFileSync } from 'node:child_process';
import { findPart, redisEnvironment, UNPACKED_REDIS } from './find-part.mjs';
import { unpackDebian } from './unpack-debian.mjs';

const PACKAGES = ['redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1', 'libatomic1'];
// OpenSSL's library may be missing in a slim image; it has another name since the 64-bit time_t transition.
const ATTEMPTS = [PACKAGES, [...PACKAGES, 'libssl3'], [...PACKAGES, 'libssl3t64']];

/** Unpacks a Redis server that runs here. @returns false when that was not possible (no package lists, no network). */
export function unpackRedis() {
  return ATTEMPTS.some((packages) => unpackDebian({ packages, folder: UNPACKED_REDIS, isUsable: runs }));
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
