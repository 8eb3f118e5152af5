// The body that `rolegate curl` sends. A file is read twice, once for its hash and once on the way out, so that it need not
// fit into memory; standard input can be read only once, and is kept.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

export interface Body {
  readonly sizeBytes: number;
  /** SHA-256 in hex. */
  readonly hash: () => Promise<string>;
  /** Undefined for no body at all. */
  readonly open: () => Readable | Buffer | undefined;
}

export interface BodyOptions {
  /** A text, or `@FILE`, or `@-` for standard input. */
  readonly data?: string | undefined;
  readonly uploadFile?: string | undefined;
}

const maxInputBytes = 64 * 1024 * 1024;

/** @throws CliError usage */
export async function readBody({ stdin }: CliContext, { data, uploadFile }: BodyOptions): Promise<Body> {
  if (data !== undefined && uploadFile !== undefined) {
    throw new CliError('usage', 'a request has one body: give --data or --upload-file, not both');
  }
  const file = uploadFile ?? (data?.startsWith('@') ? data.slice(1) : undefined);
  if (file === undefined) return inMemory(data === undefined ? undefined : Buffer.from(data));
  return file === '-' ? inMemory(await readInput(stdin)) : fromFile(file);
}

function inMemory(bytes: Buffer | undefined): Body {
  const hash = createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
  return { sizeBytes: bytes?.length ?? 0, hash: () => Promise.resolve(hash), open: () => bytes };
}

/** @throws CliError usage */
async function fromFile(file: string): Promise<Body> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new CliError('usage', `${file} cannot be read`, { cause });
  });
  if (!found.isFile()) throw new CliError('usage', `${file} is not a file`);
  return {
    sizeBytes: found.size,
    hash: async () => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
      return hash.digest('hex');
    },
    open: () => createReadStream(file),
  };
}

/** @throws CliError usage */
async function readInput(stdin: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Buffer);
    size += bytes.length;
    if (size > maxInputBytes) throw new CliError('usage', 'standard input is over 64 MB: put it into a file');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
