// Whether an interrupt came from the terminal, which sends it to every program in front of it, or to this process alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface TerminalWatch {
  /** Whether the other programs at this terminal were interrupted too. Node does not say who sent a signal. */
  readonly wasInterrupted: () => Promise<boolean>;
  readonly stop: () => void;
}

/** A terminal interrupts all at once; this is for a machine under load. */
const patienceMs = 200;

/**
 * Starts a program that does nothing, in the same group of processes: it dies of what the terminal sends. It ends with us,
 * as its standard input does. Undefined without a terminal.
 */
export function watchTerminal(platform: NodeJS.Platform): TerminalWatch | undefined {
  if (platform === 'win32' || !hasTerminal()) return undefined;
  let canary = startCanary();
  return {
    wasInterrupted: async () => {
      const died = await endsWithin(canary, patienceMs);
      if (died) canary = startCanary();
      return died;
    },
    stop: () => void canary.kill('SIGKILL'),
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

function startCanary(): ChildProcess {
  const canary = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
  canary.on('error', () => {});
  canary.unref();
  (canary.stdin as { unref?: () => void } | null)?.unref?.();
  return canary;
}

function endsWithin(canary: ChildProcess, waitMs: number): Promise<boolean> {
  if (canary.exitCode !== null || canary.signalCode !== null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), waitMs);
    canary.once('exit', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
