// Replaces the file that this command runs from: in one step, by a file that was started once, with the permissions it had.
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

/** `sudo` that keeps HOME (macOS) would leave files of root in the person's folders. @throws CliError usage */
export function requireOwnHome({ env, homeDirectory }: CliContext, file: string, broker: string): void {
  if (process.getuid?.() !== 0 || !env['SUDO_UID'] || env['SUDO_UID'] === '0') return;
  const owner = statSync(homeDirectory, { throwIfNoEntry: false })?.uid;
  if (String(owner) !== env['SUDO_UID']) return;
  const how = `run \`sudo -H '${file}' update --broker ${broker}\``;
  throw new CliError('usage', `sudo kept HOME=${homeDirectory}, where files of root would get in your way: ${how}`);
}

/** Before a download: a folder that this person cannot write. @throws CliError failed */
export function requireWritableFolder(context: CliContext, file: string, broker: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch {
    throw notWritable(context, file, broker);
  }
}

/**
 * @param tryOut starts the new file; what it throws keeps the old one
 * @throws CliError failed, if the folder cannot be written
 */
export async function replaceFile(
  context: CliContext,
  { file, content, broker }: { readonly file: string; readonly content: Buffer; readonly broker: string },
  tryOut: (file: string) => Promise<void>,
): Promise<void> {
  const { mode, uid, gid } = statSync(file);
  const temporary = join(dirname(file), `.rolegate-${process.pid}.new${extname(file)}`);
  rmSync(temporary, { force: true });
  try {
    write(temporary, content);
    await tryOut(temporary);
    // For root, who updates another person's file.
    if (process.getuid?.() === 0) chownSync(temporary, uid, gid);
    chmodSync(temporary, mode & 0o777);
    swap(context, temporary, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw ['EACCES', 'EPERM', 'EROFS'].includes(code) ? notWritable(context, file, broker) : error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function write(file: string, content: Buffer): void {
  const handle = openSync(file, 'wx', 0o700);
  try {
    fchmodSync(handle, 0o700);
    for (let at = 0; at < content.length; ) at += writeSync(handle, content, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function swap({ platform }: CliContext, temporary: string, file: string): void {
  if (platform !== 'win32') {
    renameSync(temporary, file);
    return;
  }
  // Windows keeps the file of a running program: it can be renamed, and neither replaced nor removed.
  removeLeftovers(file);
  const aside = `${file}.${process.pid}.old`;
  renameSync(file, aside);
  try {
    renameSync(temporary, file);
  } catch (error) {
    renameSync(aside, file);
    throw error;
  }
}

/** Of updates before, whose programs have ended since. */
function removeLeftovers(file: string): void {
  const isLeftover = (name: string) => name.startsWith(`${basename(file)}.`) && /\.\d+\.old$/.test(name);
  for (const name of readdirSync(dirname(file)).filter(isLeftover)) {
    try {
      rmSync(join(dirname(file), name), { force: true });
    } catch {
      // Still running.
    }
  }
}

function notWritable({ platform }: CliContext, file: string, broker: string): CliError {
  const how =
    platform === 'win32'
      ? 'run it as an administrator'
      : `run \`sudo -H '${file}' update --broker ${broker}\`, or install it below your home directory (${broker}/cli)`;
  return new CliError('failed', `${dirname(file)} cannot be written by you: ${how}`);
}
