// Where a program is that is named without its path, or on Windows without its ending.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** All that PATH leads to, in its order. Not the current folder: a program must not come with a downloaded project. */
export function findPrograms(place: Place, name: string): string[] {
  const folders = (variable(place, 'PATH') ?? '').split(delimiter).filter(Boolean);
  return [...new Set(folders.flatMap((folder) => findFiles(place, join(folder, name))))];
}

/** The file itself, and on Windows those that PATHEXT adds an ending for. */
export function findFiles(place: Place, file: string): string[] {
  return endings(place, file)
    .map((ending) => file + ending)
    .filter(isExecutable);
}

/** What CreateProcess and cmd.exe start; other endings of PATHEXT name programs that open documents. */
const startable = ['.com', '.exe', '.bat', '.cmd'];

function endings(place: Place, file: string): readonly string[] {
  if (place.platform !== 'win32') return [''];
  const known = (variable(place, 'PATHEXT') ?? startable.join(';')).toLowerCase().split(';');
  const added = known.filter((ending) => startable.includes(ending));
  return /\.\w+$/.test(file) ? ['', ...added] : added;
}

/** Windows calls PATH `Path`, and takes either. */
export function variable({ env, platform }: Place, name: string): string | undefined {
  if (platform !== 'win32') return env[name];
  return Object.entries(env).find(([each]) => each.toUpperCase() === name)?.[1];
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
