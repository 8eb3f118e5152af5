// The last list of accounts that was in force, in a file: a process may start while AWS Organizations does not answer.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { systemRandom } from '../../random.ts';

const listShape = z.strictObject({
  listedAt: z.iso.datetime().transform((text) => new Date(text)),
  members: z.array(z.strictObject({ id: z.string(), name: z.string(), alias: z.string().optional() })).min(1),
});

export type AccountList = Readonly<z.output<typeof listShape>>;

/** Undefined if there is none, or not a complete one. */
export function readLastGood(file: string): AccountList | undefined {
  try {
    return listShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whole or not at all. @throws Error of the file system */
export function writeLastGood(file: string, { listedAt, members }: AccountList): void {
  // Containers that share the folder may have the same process ids, and another user may guess one.
  const next = `${file}.${systemRandom(8).toString('hex')}`;
  try {
    writeFileSync(next, JSON.stringify({ listedAt, members }), { mode: 0o600, flag: 'wx' });
    renameSync(next, file);
  } finally {
    rmSync(next, { force: true });
  }
}
