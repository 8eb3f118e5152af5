// The audit trail as JSON lines. Each line carries the hash of the one before: a line that is changed or taken out shows.
import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Audit } from './events.ts';

/** Resolves when the line is written. */
export type AuditSink = (line: string) => Promise<void>;

/** A disk that hangs is as bad as one that is full: nobody waits longer for a record. */
const writeTimeoutMs = 3000;

/** A chain begins anew with each process; `start` says which one. Lines are written one after the other. */
export function createJsonLinesAudit(sink: AuditSink, clock: Clock, start: string): Audit {
  let previous = start;
  let sequence = 0;
  let last: Promise<unknown> = Promise.resolve();
  const append = async (facts: object): Promise<void> => {
    const time = clock.now().toISOString();
    const line = printable(JSON.stringify({ audit: sequence + 1, time, ...facts, chain: start, previous }));
    await inTime(sink(`${line}\n`));
    // Only what is written counts: after a failure the chain goes on from the last line that is there.
    sequence++;
    previous = createHash('sha256').update(line).digest('base64url');
  };
  return {
    record: (event, request) => {
      const written = last.then(() => append({ ...event, ...request }));
      last = written.catch(() => {});
      return written;
    },
  };
}

export function streamSink(stream: Writable): AuditSink {
  // The write that fails says so itself; without a listener Node would end the process.
  stream.on('error', () => {});
  return (line) =>
    new Promise((resolve, reject) => {
      stream.write(line, (error) => (error ? reject(error) : resolve()));
    });
}

/** Opens the file for each line: a full disk that has room again, or a rotated file, needs no restart. */
export function fileSink(path: string): AuditSink {
  return (line) => appendFile(path, line, { mode: 0o640 });
}

/** JSON leaves DEL, C1 controls, line separators and direction marks as they are: whoever looks at a line may not be fooled. */
function printable(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function inTime(writing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('not written in time')), writeTimeoutMs);
  });
  try {
    await Promise.race([writing, late]);
  } catch (cause) {
    throw new BrokerError('audit_unavailable', `audit: ${(cause as Error).message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
