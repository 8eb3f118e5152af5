// Opening an address in the person's own browser. The browser gets nothing of the terminal, and outlives the command.
import { spawn } from 'node:child_process';
import type { Machine } from '../machine/context.ts';
import { readSettings } from '../machine/settings.ts';
import { splitWords } from './command-words.ts';
import { startOf } from './start.ts';

/** Whether there is a browser on this side: a remote shell without a display has none. */
export function hasBrowser(machine: Machine): boolean {
  const { env, platform } = machine;
  if (env['BROWSER'] || rememberedBrowser(machine, undefined)) return true;
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
  if (isRemoteShell(machine)) return hasDisplay;
  return platform === 'darwin' || platform === 'win32' || hasDisplay || Boolean(env['WSL_DISTRO_NAME']);
}

export function isRemoteShell({ env }: Machine): boolean {
  return Boolean(env['SSH_CONNECTION'] || env['SSH_TTY']);
}

/** False if it could not be started. True does not mean that the person sees the page. */
export async function openBrowser(machine: Machine, url: string): Promise<boolean> {
  const { env } = machine;
  // The address comes from a broker: `file:` or a program's own scheme is nothing to open.
  if (!/^https?:$/.test(new URL(url).protocol)) return false;
  try {
    const command = env['BROWSER'] || rememberedBrowser(machine, new URL(url).origin);
    if (command) await startCommand(machine, command, url);
    else await (await import('open')).default(url);
    return true;
  } catch {
    return false;
  }
}

/** Of `rolegate init --browser`. */
function rememberedBrowser(machine: Machine, origin: string | undefined): string | undefined {
  const { brokers, defaultBroker = '' } = readSettings(machine);
  return brokers[origin ?? defaultBroker]?.browser;
}

/** As other programs read BROWSER: a command, in which %s is the address (otherwise it comes last). No shell. */
function startCommand(machine: Machine, command: string, url: string): Promise<void> {
  const [program = '', ...rest] = splitWords(command);
  const args = rest.some((word) => word.includes('%s'))
    ? rest.map((word) => word.replaceAll('%s', url))
    : [...rest, url];
  const start = startOf(machine, program, args);
  return new Promise((resolve, reject) => {
    if (start === undefined) return reject(new Error(`${program} is not found`));
    const child = spawn(start.file, start.args, {
      env: machine.env,
      detached: true,
      stdio: 'ignore',
      ...start.options,
    });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
