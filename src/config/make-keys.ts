// Makes self-signed key pairs: for development where none exist yet, and for `rolegate-server keys generate`.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { testCertificateMark } from './production.ts';

export interface KeyFiles {
  readonly key: string;
  readonly cert: string;
}

const day = 86_400_000;

/** Writes an RSA pair; refuses to overwrite. @throws Error with code EEXIST if a file is there already */
export async function writeKeyPair(files: KeyFiles, commonName: string, now: Date, days = 3650): Promise<void> {
  const taken = [files.key, files.cert].find((file) => existsSync(file));
  if (taken !== undefined) throw Object.assign(new Error(`${taken} is there already`), { code: 'EEXIST' });
  // Loaded when a pair is made, which is seldom: it is the slowest part of starting.
  const { generate } = await import('selfsigned');
  const pair = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 3072,
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - day),
    notAfterDate: new Date(now.getTime() + days * day),
  });
  for (const file of [files.key, files.cert]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(files.key, pair.private, { mode: 0o600, flag: 'wx' });
  writeFileSync(files.cert, pair.cert, { mode: 0o644, flag: 'wx' });
}

/** In development, missing pairs are made on the spot; production refuses their certificates. @returns what was made */
export async function makeMissingKeys(
  pairs: readonly ({ readonly key?: string | undefined; readonly cert: string } | undefined)[],
  directory: string,
  now: Date,
): Promise<string[]> {
  const made: string[] = [];
  for (const pair of pairs) {
    // A key in KMS is not made here.
    if (pair?.key === undefined) continue;
    const files = { key: resolve(directory, pair.key), cert: resolve(directory, pair.cert) };
    if (existsSync(files.key) || existsSync(files.cert)) continue;
    await writeKeyPair(files, `${testCertificateMark} key`, now);
    made.push(pair.key);
  }
  return made;
}
