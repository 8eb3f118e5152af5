// What dist/ was built from: a hash of everything that decides about the result.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Where a build keeps its stamp, inside dist/. */
export const STAMP_FILE = '.stamp';

const CONFIGURATION = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'deploy/build.mjs',
  'deploy/build-cli.mjs',
  'deploy/release-signature.mjs',
  'deploy/release.pub',
];

/** The hash of the sources, the locked dependencies and the compiler's configuration below `root`. */
export function sourceStamp(root) {
  const hash = createHash('sha256');
  for (const path of [...listFiles(root, 'src'), ...CONFIGURATION]) {
    const file = join(root, path);
    const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    // Name and length make the sequence unambiguous: content cannot move from one file to the next unnoticed.
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether dist/ below `root` was built from what lies there now. */
export function isBuilt(root) {
  const file = join(root, 'dist', STAMP_FILE);
  return existsSync(file) && readFileSync(file, 'utf8') === sourceStamp(root);
}

/** Paths of all files in a folder, relative to `root`, with `/`, in a fixed order. */
export function listFiles(root, folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => relative(root, file).split(sep).join('/')).sort();
}
