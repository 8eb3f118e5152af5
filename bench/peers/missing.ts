// A peer that is not installed: it is skipped, and one line of the report says so.
import { existsSync } from 'node:fs';

export interface Missing {
  readonly missing: string;
}

/** Undefined if all files exist. */
export function missingUnless(name: string, files: readonly string[]): Missing | undefined {
  const absent = files.find((file) => !existsSync(file));
  if (absent === undefined) return undefined;
  return { missing: `${name}: skipped, ${absent} is not installed (\`node bench/peers.mjs --install\`).` };
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}
