// ~/.aws/config and ~/.aws/credentials as files: where they are, and writing one without ever leaving half of it.
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
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

/** One character for each byte. Empty if there is no such file. @throws CliError failed */
export function readBytes(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new CliError('failed', `${file} cannot be read (${code})`, { cause: error });
  }
}

/**
 * Replaces the content in one step. A symbolic link stays one, and the file keeps its owner and mode; a new one is 0600.
 * @throws CliError failed
 */
export function writeBytes(file: string, text: string): void {
  try {
    replaceFile(followLink(file), text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError('failed', `${file} cannot be written (${code})`, { cause: error });
  }
}

function replaceFile(target: string, text: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.rolegate.${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    const handle = openSync(temporary, 'wx', 0o600);
    try {
      takeAfter(handle, target);
      writeFileSync(handle, text, 'latin1');
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // In the same directory: a rename works within one file system only.
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The owner too: under sudo, a person's file must not become root's. */
function takeAfter(handle: number, target: string): void {
  const old = statSync(target, { throwIfNoEntry: false });
  const own = fstatSync(handle);
  if (old && (old.uid !== own.uid || old.gid !== own.gid)) fchownSync(handle, old.uid, old.gid);
  fchmodSync(handle, (old?.mode ?? 0o600) & 0o777);
}

function followLink(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })) return realpathSync(file);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? followLink(resolve(dirname(file), readlinkSync(file))) : file;
}
