// ~/.aws/config and ~/.aws/credentials as files: where they are, and writing one without ever leaving half of it.
import {
  closeSync,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Machine } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { isUtf16 } from './parse-problems.ts';

export interface AwsFiles {
  readonly config: string;
  readonly credentials: string;
}

export function awsFiles({ env, homeDirectory }: Machine): AwsFiles {
  const locate = (name: string | undefined, usual: string) =>
    name ? resolve(name.replace(/^~(?=[/\\]|$)/, homeDirectory)) : join(homeDirectory, '.aws', usual);
  return {
    config: locate(env['AWS_CONFIG_FILE'], 'config'),
    credentials: locate(env['AWS_SHARED_CREDENTIALS_FILE'], 'credentials'),
  };
}

/**
 * One character for each byte. Empty if there is no such file, and for a device such as /dev/null: reading from a pipe
 * could take for ever.
 * @throws CliError failed
 */
export function readBytes(file: string): string {
  try {
    const found = statSync(file);
    return found.isFile() || found.isDirectory() ? readFileSync(file, 'latin1') : '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new CliError('failed', `${file} cannot be read (${code})`, { cause: error });
  }
}

/** The file whose block is to be shown or written. @throws CliError usage, for a device; failed, if it is not one text */
export function readConfig(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isDirectory()) {
    throw new CliError('usage', `${file} is not a file: name one with AWS_CONFIG_FILE`);
  }
  const text = readBytes(file);
  refuseUtf16(file, text);
  return text;
}

/** @throws CliError failed */
export function refuseUtf16(file: string, text: string): void {
  if (!isUtf16(text)) return;
  throw new CliError('failed', `${file} is in UTF-16, which no AWS tool reads: save it as UTF-8 (without BOM)`);
}

/**
 * Replaces the content in one step. A symbolic link stays one, and the file keeps its owner and mode; a new one is 0600. A
 * file that has another name or is a mount is written in place.
 * @param isForced also if its mode is read-only
 * @throws CliError failed
 */
export function writeBytes(file: string, text: string, isForced = false): void {
  const target = targetOf(file);
  const named = target === file ? file : `${file} (a link to ${target})`;
  const old = statSync(target, { throwIfNoEntry: false });
  if (old && (old.mode & 0o222) === 0 && !isForced) {
    const mode = (old.mode & 0o777).toString(8).padStart(4, '0');
    throw new CliError('failed', `${named} is read-only (mode ${mode}): --force changes it all the same`);
  }
  try {
    if (old && old.nlink > 1) writeInPlace(target, text);
    else replaceFile(target, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('failed', `${named} cannot be written (${code})`, { cause: error });
  }
}

function targetOf(file: string): string {
  try {
    return followLink(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('failed', `${file} cannot be written (${code})`, { cause: error });
  }
}

/** With a copy beside it until the end: a full disk must not cost the content. */
function writeInPlace(target: string, text: string): void {
  const copy = `${target}.rolegate.${process.pid}`;
  copyFileSync(target, copy);
  try {
    overwrite(target, text);
  } catch (error) {
    overwrite(target, readFileSync(copy, 'latin1'));
    throw error;
  } finally {
    rmSync(copy, { force: true });
  }
}

function overwrite(target: string, text: string): void {
  const handle = openSync(target, 'r+');
  try {
    ftruncateSync(handle);
    writeFileSync(handle, text, 'latin1');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function replaceFile(target: string, text: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.rolegate.${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      // The owner too: under sudo, a person's file must not become root's.
      const old = statSync(target, { throwIfNoEntry: false });
      const own = fstatSync(handle);
      if (old && (old.uid !== own.uid || old.gid !== own.gid)) fchownSync(handle, old.uid, old.gid);
      fchmodSync(handle, (old?.mode ?? 0o600) & 0o777);
      writeFileSync(handle, text, 'latin1');
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // In the same directory: a rename works within one file system only.
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    // A mount cannot be replaced, and a mounted file's folder may be read-only.
    const isMount = ['EBUSY', 'EXDEV'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!isMount) throw error;
    writeInPlace(target, text);
  }
}

function followLink(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })) return realpathSync(file);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? followLink(resolve(dirname(file), readlinkSync(file))) : file;
}
