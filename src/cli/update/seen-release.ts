// What this machine remembers of releases: the newest that it has verified, so that an old one cannot come back, and when it
// last mentioned a newer version.
import { join } from 'node:path';
import type { Machine } from '../machine/context.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { stateDirectory } from '../machine/paths.ts';

export interface SeenRelease {
  /** The newest version that the release key has signed. */
  readonly newest?: string | undefined;
  /** Milliseconds since 1970. */
  readonly noticedAt?: number | undefined;
}

const seenFile = (machine: Machine) => join(stateDirectory(machine), 'releases.json');

export function readSeen(machine: Machine): SeenRelease {
  const { newest, noticedAt } = (readJson(machine, seenFile(machine)) ?? {}) as {
    newest?: unknown;
    noticedAt?: unknown;
  };
  return {
    newest: typeof newest === 'string' && /^\d+\.\d+\.\d+$/.test(newest) ? newest : undefined,
    noticedAt: typeof noticedAt === 'number' ? noticedAt : undefined,
  };
}

/** @throws the error of the file system; CliError, for a folder that others can write */
export function writeSeen(machine: Machine, seen: SeenRelease): void {
  writePrivate(seenFile(machine), `${JSON.stringify({ ...readSeen(machine), ...seen })}\n`);
}
