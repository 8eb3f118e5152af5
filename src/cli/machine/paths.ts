// Where the command keeps its files: XDG on Linux, the system's places on macOS and Windows. No module but node:path, for
// the answer from the cache.
import { join } from 'node:path';
import type { Machine } from './context.ts';

/** Settings that a person may edit and keep. */
export function configDirectory(machine: Machine): string {
  return directory(machine, 'ROLEGATE_CONFIG_HOME', {
    linux: () => join(machine.env['XDG_CONFIG_HOME'] || join(machine.homeDirectory, '.config'), 'rolegate'),
    darwin: 'Library/Application Support/rolegate',
    win32: () => join(machine.env['APPDATA'] || join(machine.homeDirectory, 'AppData/Roaming'), 'rolegate'),
  });
}

/** Tokens: lost, they cost a sign-in. */
export function stateDirectory(machine: Machine): string {
  return directory(machine, 'ROLEGATE_STATE_HOME', {
    linux: () => join(machine.env['XDG_STATE_HOME'] || join(machine.homeDirectory, '.local/state'), 'rolegate'),
    darwin: 'Library/Application Support/rolegate/state',
    win32: () => join(machine.env['LOCALAPPDATA'] || join(machine.homeDirectory, 'AppData/Local'), 'rolegate', 'state'),
  });
}

/** Temporary credentials and lists: lost, they cost one request. */
export function cacheDirectory(machine: Machine): string {
  return directory(machine, 'ROLEGATE_CACHE_HOME', {
    linux: () => join(machine.env['XDG_CACHE_HOME'] || join(machine.homeDirectory, '.cache'), 'rolegate'),
    darwin: 'Library/Caches/rolegate',
    win32: () => join(machine.env['LOCALAPPDATA'] || join(machine.homeDirectory, 'AppData/Local'), 'rolegate', 'cache'),
  });
}

/** One folder for each broker, so that two never mix: its host and port, readable. */
export function brokerFolder(broker: string): string {
  return broker.replace(/^https:\/\//, '').replace(/[^A-Za-z0-9.-]/g, '_');
}

interface Directories {
  readonly linux: () => string;
  readonly darwin: string;
  readonly win32: () => string;
}

function directory({ env, platform, homeDirectory }: Machine, override: string, directories: Directories): string {
  if (env[override]) return env[override];
  if (platform === 'darwin') return join(homeDirectory, directories.darwin);
  return platform === 'win32' ? directories.win32() : directories.linux();
}
