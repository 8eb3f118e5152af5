// Files that the broker trusts and another user of this machine could replace: by owning them, by writing to them, or by
// writing to a folder on the way. Files with secrets that others could read.
import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

export interface TrustedFile {
  /** Of its name in the configuration: `aws.signing.key`. */
  readonly path: string;
  /** Absolute */
  readonly file: string;
  /** The mode of a private key is judged in every mode of the broker, when it is read. */
  readonly kind: 'private key' | 'secret' | 'public';
}

/** Linux: MAXSYMLINKS. */
const maxLinks = 40;

/** One line for each file. @param user who runs this process; undefined where the system has no user ids */
export function replaceableFiles(files: readonly TrustedFile[], user = process.getuid?.()): string[] {
  if (user === undefined) return [];
  return files.flatMap(({ path, file, kind }) => {
    try {
      const reason = whyReplaceable(resolve(file), user, maxLinks) ?? whyWritable(file, kind);
      if (reason !== undefined) return [`${path}: ${file} can be replaced by others: ${reason}`];
      const isReadable = kind === 'secret' && (statSync(file).mode & 0o004) !== 0;
      return isReadable ? [`${path}: ${file} can be read by others; take that away (chmod o-r)`] : [];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'error';
      return [`${path}: cannot check who can replace ${file} (${code})`];
    }
  });
}

function whyWritable(file: string, kind: TrustedFile['kind']): string | undefined {
  const isOpen = kind !== 'private key' && (statSync(file).mode & 0o022) !== 0;
  return isOpen ? 'its group or others can write to it (chmod go-w)' : undefined;
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
