// Where audit lines go: a stream or a file. A file never keeps half a line in front of a whole one.
import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';

/** The write failed, and yet the lines count: they are written somewhere, or may be, and follow where they are missing. */
export class PartlyWrittenError extends Error {
  override readonly name = 'PartlyWrittenError';
}

/** Resolves when the whole lines are written; `isDurable`: and are on the disk, where there is one. */
export type AuditSink = (lines: string, options: { readonly isDurable: boolean }) => Promise<void>;

export function streamSink(stream: Writable): AuditSink {
  // The failing write reports the error; without a listener Node would end the process.
  stream.on('error', () => {});
  return (lines) =>
    new Promise((resolve, reject) => {
      stream.write(lines, (error) => (error ? reject(error) : resolve()));
    });
}

/** Opens the file for each write, so that a full disk with room again, or a rotated file, needs no restart. */
export function fileSink(path: string): AuditSink {
  return async (lines, { isDurable }) => {
    const file = await open(path, 'a+', 0o640);
    try {
      const { size } = await file.stat();
      const start = (await endsInsideLine(file, size)) ? '\n' : '';
      await appendWhole(file, size, Buffer.from(start + lines));
      if (isDurable) await file.datasync();
    } finally {
      await file.close();
    }
  };
}

/** After a crash or a full disk the file can end in the middle of a line. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  const { bytesRead } = await file.read(last, 0, 1, size - 1);
  return bytesRead === 1 && last[0] !== 0x0a;
}

/** Writes all bytes, or takes back what was written. */
async function appendWhole(file: FileHandle, size: number, bytes: Buffer): Promise<void> {
  let written = 0;
  try {
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
  } catch (error) {
    // Another process may have appended meanwhile; then the next write ends the partial line instead.
    const isOurs = written > 0 && (await file.stat()).size === size + written;
    if (isOurs) await file.truncate(size).catch(() => {});
    throw error;
  }
}
