// One build at a time. The lock file names its holder, so that a lock left by a killed build does not block.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 100;
const PATIENCE_MILLISECONDS = 5 * 60 * 1000;

/**
 * Runs `work` while this process alone holds the lock in `folder`; waits for a living holder.
 * @throws Error naming the file when a living process keeps it for five minutes.
 */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'pid');
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (!acquire(file)) {
    breakStale(file);
    if (performance.now() > deadline)
      throw new Error(`another build holds ${file} for too long; remove it if none runs`);
    await sleep(POLL_MILLISECONDS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears at once with its content, where a file opened with `wx` would be empty for a moment. */
function acquire(file) {
  const own = `${file}-${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes a dead holder's lock away by renaming it, which only one waiter can do. */
function breakStale(file) {
  const holder = readHolder(file);
  if (holder === undefined || isAlive(holder)) return;
  const taken = `${file}-stale-${process.pid}`;
  try {
    renameSync(file, taken);
    // Between our look and our rename another waiter may have taken over: then the lock is his, and goes back.
    if (readHolder(taken) !== holder) linkSync(taken, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(taken, { force: true });
  }
}

function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined; // released in the meantime
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM'; // another user's process is alive as well
  }
}
