// Private keys that another user of this machine could replace or exchange: by owning them, or by writing to a folder on
// the way.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

export interface KeyFile {
  /** Of the key in the configuration: `aws.signing.key`. */
  readonly path: string;
  readonly file: string;
}

/** Linux: MAXSYMLINKS. */
const maxLinks = 40;

/** One line for each file. @param user who runs this process; undefined where the system has no user ids */
export function replaceableKeys(files: readonly KeyFile[], user = process.getuid?.()): string[] {
  if (user === undefined) return [];
  return files.flatMap(({ path, file }) => {
    const reason = whyReplaceable(resolve(file), user, maxLinks);
    return reason === undefined ? [] : [`${path}: ${file} can be replaced by others: ${reason}`];
  });
}

// A secret volume of Kubernetes passes: a sticky folder of root, with symbolic links of root (`..data`) to a folder of root.
function whyReplaceable(file: string, user: number, links: number): string | undefined {
  if (links === 0) return 'too many symbolic links';
  const { root } = parse(file);
  let at = root;
  for (const name of ['', ...file.slice(root.length).split(sep)]) {
    at = join(at, name);
    const stats = lstatSync(at);
    const reason = whyUntrusted(at, stats, user);
    if (reason !== undefined) return reason;
    if (stats.isSymbolicLink()) {
      const rest = file.slice(at.length);
      return whyReplaceable(resolve(dirname(at), readlinkSync(at)) + rest, user, links - 1);
    }
  }
  return undefined;
}

function whyUntrusted(at: string, stats: Stats, user: number): string | undefined {
  if (stats.uid !== 0 && stats.uid !== user) return `${at} belongs to user ${stats.uid}`;
  // In a sticky folder only the owner of an entry may move it, and each entry on the way is checked.
  const isOpen = stats.isDirectory() && (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
  return isOpen ? `its group or others can write to ${at}` : undefined;
}
