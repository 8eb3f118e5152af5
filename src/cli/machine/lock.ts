// One process at a time: a lock that the operating system releases, whatever way its holder ends. Readers never take it.
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CliContext, type Machine, showWaiting } from './context.ts';
import { ChildEndedError, CliError } from './errors.ts';
import { closed, isAlive, listen, liveSockets, type OpenSocket, publish, socketDirectories } from './lock-socket.ts';
import { stateDirectory } from './paths.ts';
import { obtainPipeSecret, readPipeSecret } from './pipe-secret.ts';

/**
 * Runs `work` while no other process of this person on this machine runs work under the same name.
 * @param name `[a-z0-9-]`
 * @param timeoutMs how long to wait for others; the work itself may take longer
 * @throws CliError busy
 */
export async function withLock<T>(
  context: CliContext,
  name: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const stopWaiting = showWaiting(context, 'another rolegate process');
  const release = await acquire(context, name, AbortSignal.timeout(timeoutMs)).finally(stopWaiting);
  if (!release) throw new CliError('busy', `another rolegate process holds "${name}" for too long: try again`);
  const interruption = watchInterruption();
  try {
    return await Promise.race([work(), interruption.ended]);
  } finally {
    interruption.stop();
    release();
  }
}

const exitCodeOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = Object.keys(exitCodeOf) as (keyof typeof exitCodeOf)[];
/** Those who hold a lock in this process. */
const holders = new Set<(error: Error) => void>();

/** Something else in the process that listens (a program that runs as a role) decides instead. */
function interrupt(signal: keyof typeof exitCodeOf): void {
  if (process.listenerCount(signal) > 1) return;
  for (const reject of holders) reject(new ChildEndedError(exitCodeOf[signal], signal));
}

/** Ctrl-C would end the process with its socket left behind: the command ends by the same signal after that is removed. */
function watchInterruption() {
  let hold: (error: Error) => void = () => {};
  const ended = new Promise<never>((_, reject) => {
    hold = reject;
  });
  if (holders.size === 0) for (const signal of signals) process.on(signal, interrupt);
  holders.add(hold);
  const stop = () => {
    holders.delete(hold);
    if (holders.size === 0) for (const signal of signals) process.off(signal, interrupt);
  };
  return { ended, stop };
}

type Release = () => void;

/** The current holder, to wait for: for callers that need its result and not the lock. */
export async function findHolder(machine: Machine, name: string): Promise<Holder | undefined> {
  const file = await (machine.platform === 'win32' ? livePipe(machine, name) : liveSocket(machine, name));
  return file === undefined ? undefined : { ended: (timeoutMs) => closed(file, AbortSignal.timeout(timeoutMs)) };
}

async function livePipe(machine: Machine, name: string): Promise<string | undefined> {
  const secret = readPipeSecret(machine);
  if (secret === undefined) return undefined;
  const pipe = pipeName(machine, name, secret);
  return (await isAlive(pipe)) ? pipe : undefined;
}

async function liveSocket(machine: Machine, name: string): Promise<string | undefined> {
  return (await liveSockets(socketDirectories(machine)[0]!, lockKey(machine, name)))[0];
}

export interface Holder {
  readonly ended: (timeoutMs: number) => Promise<void>;
}

/**
 * Named after what it guards, not after the terminal it is taken in. The host's name, because a home directory may be on
 * several, and a socket of another host looks dead from here.
 */
function lockKey(machine: Machine, name: string, secret = ''): string {
  const guarded = `${stateDirectory(machine)}\0${hostname()}\0${name}${secret}`;
  return createHash('sha256').update(guarded).digest('hex').slice(0, 16);
}

async function acquire(context: CliContext, name: string, deadline: AbortSignal): Promise<Release | undefined> {
  if (context.platform === 'win32') {
    const pipe = pipeName(context, name, obtainPipeSecret(context));
    // On Windows a pipe's name has one first server at most, and ends with its process.
    while (!deadline.aborted) {
      const release = await listen(pipe).catch(() => undefined);
      if (release) return release;
      await sleep(pollMs);
    }
    return undefined;
  }
  const key = lockKey(context, name);
  const [first, ...others] = socketDirectories(context);
  try {
    return await acquireSocket(context, first!, key, deadline);
  } catch (error) {
    // Some file systems (drives of another system, shares) have no sockets: for all processes alike.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (others.length === 0 || !['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL'].includes(code)) throw error;
    return acquireSocket(context, others[0]!, key, deadline);
  }
}

const pollMs = 20;

/** The name of a lock on Windows. */
export function pipeName(machine: Machine, name: string, secret: string): string {
  return `\\\\.\\pipe\\rolegate-${lockKey(machine, name, secret)}`;
}

/**
 * Each contender shows a listening socket under a unique name, then looks for others, and has the lock when there are
 * none: of any two, the one that appeared later sees the other. Names are never used again, so a socket that does not
 * answer stays dead and anyone may remove it.
 */
async function acquireSocket(
  context: CliContext,
  directory: string,
  key: string,
  deadline: AbortSignal,
): Promise<Release | undefined> {
  while (!deadline.aborted) {
    const [other] = await liveSockets(directory, key);
    if (other) {
      await closed(other, deadline);
      continue;
    }
    const own = await publish(join(directory, `${key}.${context.random(6).toString('hex')}`));
    if (!own) continue;
    if (await becomesAlone(directory, key, own, deadline)) return own.withdraw;
    own.withdraw();
  }
  return undefined;
}

/** Of several at the same moment the one with the first name stays, and the others withdraw. */
async function becomesAlone(directory: string, key: string, own: OpenSocket, deadline: AbortSignal): Promise<boolean> {
  while (!deadline.aborted) {
    const others = (await liveSockets(directory, key)).filter((file) => file !== own.file);
    if (others.length === 0) return true;
    if (others.some((file) => file < own.file)) return false;
    await sleep(pollMs);
  }
  return false;
}
