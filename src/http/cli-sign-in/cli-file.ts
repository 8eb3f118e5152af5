// The command line as one file, beside the server's own files, for those who download it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface CliFile {
  readonly content: Buffer;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Where `npm run build` puts it: seen from what it built, and from the sources. */
const places = ['../rolegate.cjs', '../../../dist/rolegate.cjs'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Undefined where it was not built. */
export async function readCliFile(files: readonly string[] = places): Promise<CliFile | undefined> {
  for (const file of files) {
    const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (content) return { content, sha256: createHash('sha256').update(content).digest('hex') };
  }
  return undefined;
}
