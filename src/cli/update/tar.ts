// Finds one file in a .tar.gz (ustar) whose hash is verified already.
import { gunzipSync } from 'node:zlib';
import { CliError } from '../machine/errors.ts';

const block = 512;
const maxUnpackedBytes = 1024 * 1024 * 1024;

/** @param name the last part of its path. @throws CliError failed, if it is not there */
export function unpackFile(archive: Buffer, name: string): Buffer {
  const tar = gunzipSync(archive, { maxOutputLength: maxUnpackedBytes });
  for (let at = 0; at + block <= tar.length; ) {
    const header = tar.subarray(at, at + block);
    const path = textOf(header, 0, 100);
    const size = Number.parseInt(textOf(header, 124, 12), 8) || 0;
    const isFile = ['0', ''].includes(textOf(header, 156, 1));
    if (isFile && path.split('/').at(-1) === name) return tar.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
  }
  throw new CliError('failed', `the archive of the release has no ${name}`);
}

function textOf(header: Buffer, from: number, length: number): string {
  const text = header.toString('latin1', from, from + length);
  return text.replace(/\0.*$/s, '').trim();
}
