// Sockets that show lock.ts which processes exist: their paths, how they appear, which still answer. No data is ever
// sent over them; the system closes them with their process.
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Machine } from './context.ts';
import { CliError } from './errors.ts';
import { requirePrivate } from './files.ts';
import { stateDirectory } from './paths.ts';

/** sun_path holds 104 bytes on macOS and 108 on Linux, with its end; the longest file name here has 33. */
const maxDirectoryBytes = 103 - 1 - 33;

/** The first one is meant, the second is for file systems without sockets. */
export function socketDirectories(machine: Machine): string[] {
  const beside = join(stateDirectory(machine), 'run');
  const short = `/tmp/rolegate-${process.getuid?.() ?? 0}`;
  return Buffer.byteLength(beside) > maxDirectoryBytes ? [short] : [beside, short];
}

export interface OpenSocket {
  readonly file: string;
  /** Closes it, and with it the connections of all who wait for that. */
  readonly withdraw: () => void;
}

/** Undefined if another process removed it before it was complete. */
export async function publish(file: string): Promise<OpenSocket | undefined> {
  const hidden = `${file}.new`;
  const close = await listen(hidden);
  try {
    // Between bind and listen it looked dead: under its real name it never does.
    renameSync(hidden, file);
  } catch (error) {
    close();
    if (isGone(error)) return undefined;
    throw error;
  }
  const withdraw = () => {
    rmSync(file, { force: true });
    close();
  };
  return { file, withdraw };
}

/** The complete sockets with this key that a living process holds. Dead ones are removed. */
export async function liveSockets(directory: string, key: string): Promise<string[]> {
  preparePrivate(directory);
  const names = readdirSync(directory).filter((name) => name.startsWith(`${key}.`));
  const files = names.map((name) => join(directory, name));
  const answers = await Promise.all(files.map(isAlive));
  return files.filter((file, index) => answers[index] && !file.endsWith('.new'));
}

/** Resolves when the holder of this socket has closed it, or at the deadline. */
export async function closed(file: string, deadline: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(file);
    const giveUp = () => socket.destroy();
    deadline.addEventListener('abort', giveUp);
    socket.on('error', () => {});
    socket.on('close', () => {
      deadline.removeEventListener('abort', giveUp);
      resolve();
    });
    if (deadline.aborted) giveUp();
    // A close is only noticed by who reads.
    socket.resume();
  });
}

/** Returns what ends it. */
export function listen(path: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => waiting.delete(socket));
      socket.resume();
    });
    server.once('error', reject);
    server.listen(path, () => {
      resolve(() => {
        server.close();
        for (const socket of waiting) socket.destroy();
      });
    });
  });
}

/** Whether a process listens there: on a socket, or on a pipe of Windows. */
export function isAlive(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(file, { force: true });
      // After any other error (a full queue: EAGAIN), a process may still listen.
      resolve(error.code !== 'ECONNREFUSED' && !isGone(error));
    });
  });
}

/** @throws CliError when another person could put sockets there */
function preparePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw new CliError('failed', `${directory} is not a folder: remove it`);
  requirePrivate(directory, found);
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
