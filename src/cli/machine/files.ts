// Files that hold secrets: for their owner only, and never half written.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Machine } from './context.ts';
import { CliError } from './errors.ts';

/**
 * Undefined if the file does not exist, is not JSON, or if another person can write it or its folder: another person's
 * credentials would work in that person's account.
 */
export function readJson(machine: Machine, file: string): unknown {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const problem = sharedProblem(file, fstatSync(handle)) ?? sharedProblem(dirname(file), statSync(dirname(file)));
    if (problem === undefined) return JSON.parse(readFileSync(handle, 'utf8'));
    machine.onIgnoredFile?.(problem);
  } catch {
    // None, or not JSON.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  return undefined;
}

type Owner = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** The problem of a file or a folder that another person can write, and the remedy. */
function sharedProblem(path: string, found: Owner): string | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  // Windows has no such numbers; there the folders are the person's by their access lists.
  if (uid === undefined || gid === undefined || isOursAlone({ uid, gid }, found)) return undefined;
  if (found.uid !== uid && found.uid !== 0) return `${path} is not used, as it belongs to another user: remove it`;
  return `${path} is not used, as others can write it: run \`chmod go-w '${path}'\``;
}

/** Whether no other person but root can have written it. A group may, if it is the user's private one. */
export function isOursAlone(
  user: { readonly uid: number; readonly gid: number },
  { uid, gid, mode }: Owner,
  isPrivate: (gid: number, uid: number) => boolean = isPrivateGroup,
): boolean {
  if ((uid !== user.uid && uid !== 0) || (mode & 0o002) !== 0) return false;
  return (mode & 0o020) === 0 || (gid === user.gid && gid === user.uid && isPrivate(gid, user.uid));
}

/** A group with the user's own number and without other members, by the system's files. */
function isPrivateGroup(group: number, user: number): boolean {
  try {
    const lines = (file: string) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.split(':'));
    const own = lines('/etc/group').filter(([, , gid]) => gid === String(group));
    const others = lines('/etc/passwd').filter(([, , uid, gid]) => gid === String(group) && uid !== String(user));
    return others.length === 0 && own.length === 1 && own.every(([name, , , members]) => !members || members === name);
  } catch {
    return false;
  }
}

/** @throws CliError failed, for a folder that others can write */
export function requirePrivate(directory: string, found: Owner): void {
  const problem = sharedProblem(directory, found);
  if (problem === undefined) return;
  // A drive of Windows in WSL, a share: no chmod helps there.
  if (keepsModes(directory)) throw new CliError('failed', problem);
  const variables = 'ROLEGATE_CONFIG_HOME, ROLEGATE_STATE_HOME and ROLEGATE_CACHE_HOME';
  throw new CliError(
    'failed',
    `the file system of ${directory} keeps no permissions: set ${variables} to folders on another one`,
  );
}

function keepsModes(directory: string): boolean {
  const probe = join(directory, `.rolegate.${process.pid}`);
  try {
    const handle = openSync(probe, 'wx', 0o600);
    try {
      return (fstatSync(handle).mode & 0o077) === 0;
    } finally {
      closeSync(handle);
      rmSync(probe, { force: true });
    }
  } catch {
    return true; // it says nothing about modes
  }
}

/**
 * Replaces the file in one step: 0600 in a folder of 0700, whatever the umask is.
 * @throws CliError failed, for a folder that others can write
 */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  requirePrivate(dirname(file), statSync(dirname(file)));
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

/** Removes a file or folder that held secrets. @returns what could not be removed; its files are empty then, if possible */
export function removePrivate(path: string): string[] {
  try {
    rmSync(path, { recursive: true, force: true });
    return [];
  } catch {
    // A folder that cannot be written keeps its names: the secrets inside can still go.
  }
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name))
    : [path];
  return files.filter((file) => !emptyFile(file));
}

function emptyFile(file: string): boolean {
  try {
    truncateSync(file);
    return true;
  } catch {
    return false;
  }
}
