// Writing without the streams of Node.js, which cost more than a command that only prints.
import { fstatSync, statSync, writeSync } from 'node:fs';

/** For a pipe, a socket, a file or /dev/null; undefined for a terminal, whose text needs a stream. */
export function plainOutput(output: number): { readonly write: (text: string) => void } | undefined {
  return isPlain(output) ? { write: (text) => writeToReader(output, text) } : undefined;
}

function isPlain(output: number): boolean {
  try {
    const found = fstatSync(output);
    return !found.isCharacterDevice() || found.rdev === statSync('/dev/null').rdev;
  } catch {
    return false; // closed, or Windows, where a console looks like NUL
  }
}

/** `rolegate status | head`: a reader may close the pipe early; that is not an error. */
function writeToReader(output: number, text: string): void {
  try {
    writeAll(output, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

export function writeAll(output: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(output, rest));
    } catch (error) {
      // A pipe that the other side made non-blocking, and is full.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
