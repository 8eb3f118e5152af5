// The audit trail as JSON lines. Each line carries the hash of the one before: a line that is changed or taken out shows.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Audit } from './events.ts';

/** A chain begins anew with each process; `start` says which one. */
export function createJsonLinesAudit(stream: Writable, clock: Clock, start: string): Audit {
  let previous = start;
  let sequence = 0;
  // The write that fails says so itself, and 503 is the answer; without a listener Node would end the process.
  stream.on('error', () => {});
  return {
    record: (event, request) => {
      const record = {
        audit: ++sequence,
        time: clock.now().toISOString(),
        ...event,
        ...request,
        chain: start,
        previous,
      };
      const line = JSON.stringify(record);
      previous = createHash('sha256').update(line).digest('base64url');
      return write(stream, `${line}\n`);
    },
  };
}

export function openAuditFile(path: string): Writable {
  return createWriteStream(path, { flags: 'a', mode: 0o640 });
}

function write(stream: Writable, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(line, (error) => {
      if (error) reject(new BrokerError('audit_unavailable', `audit: ${error.message}`, { cause: error }));
      else resolve();
    });
  });
}
