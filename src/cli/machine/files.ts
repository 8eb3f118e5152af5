// Files that hold secrets: for their owner only, and never half written.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Undefined if there is none, if what stands there is not JSON, or if it may be from somebody else, in a directory that
 * many share: a broken cache is no cache, and another's credentials would work in another's account.
 */
export function readJson(file: string): unknown {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    return isOurs(handle) ? JSON.parse(readFileSync(handle, 'utf8')) : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function isOurs(handle: number): boolean {
  const user = process.getuid?.();
  // Windows has no such numbers; there the folders are the person's by their access lists.
  if (user === undefined) return true;
  return isWrittenBy(user, fstatSync(handle));
}

/** Whether nobody but this user and root can have written a file. */
export function isWrittenBy(user: number, { uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  return (uid === user || uid === 0) && (mode & 0o002) === 0;
}

/** Replaces the file in one step: 0600 in a folder of 0700, whatever the umask is. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
