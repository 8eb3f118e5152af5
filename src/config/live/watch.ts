// Notices that files have other content: events of their folders, which also show when Kubernetes replaces the link `..data`,
// and a look from time to time for file systems that send no events.
import { createHash } from 'node:crypto';
import { type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

interface Watched {
  /** Absolute. */
  readonly files: readonly string[];
  /** Folders where a new file counts, absolute. */
  readonly folders: readonly string[];
}

export interface WatchOptions {
  /** What to watch; asked again after each change. */
  readonly list: () => Watched;
  /** Called once at a time. Reports its own failures. */
  readonly onChange: () => Promise<void>;
  readonly pollMs?: number;
}

/** After an event: an editor or a volume may still be writing. */
const settleMs = 200;

/** @returns what ends it */
export function watchFiles({ list, onChange, pollMs = 10_000 }: WatchOptions): () => void {
  let watched = list();
  let seen: string | undefined = fingerprint(watched);
  let watchers: FSWatcher[] = [];
  let settling: NodeJS.Timeout | undefined;
  let isBusy = false;
  const look = async (): Promise<void> => {
    if (isBusy) return;
    const found = fingerprint(watched);
    if (found === seen) return;
    isBusy = true;
    await onChange();
    // It changed again while it was read: what was read may be either.
    const isSettled = fingerprint(watched) === found;
    watched = list();
    seen = isSettled ? fingerprint(watched) : undefined;
    isBusy = false;
    watchFolders();
    if (!isSettled) soon();
  };
  const soon = (): void => {
    clearTimeout(settling);
    settling = setTimeout(() => void look(), settleMs).unref();
  };
  const watchFolders = (): void => {
    for (const watcher of watchers) watcher.close();
    const folders = new Set([...watched.files.map((file) => dirname(file)), ...watched.folders]);
    watchers = [...folders].flatMap((folder) => watchFolder(folder, soon) ?? []);
  };
  watchFolders();
  const polling = setInterval(() => void look(), pollMs).unref();
  return () => {
    clearInterval(polling);
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

/** Undefined where the system cannot: the regular look remains. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    // A folder that goes away; the regular look notices what comes in its place.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function fingerprint({ files, folders }: Watched): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`\0${file}\0`).update(orNothing(() => readFileSync(file)));
  for (const folder of folders) hash.update(orNothing(() => readdirSync(folder).sort().join('\0')));
  return hash.digest('base64url');
}

function orNothing<T>(read: () => T): T | '' {
  try {
    return read();
  } catch {
    return '';
  }
}
