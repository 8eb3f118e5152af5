// Collects JSON lines that a stream is given.
import { Writable } from 'node:stream';

export interface LineCollector {
  readonly stream: Writable;
  readonly lines: Record<string, unknown>[];
}

export function createLineCollector(): LineCollector {
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = (rest + chunk.toString('utf8')).split('\n');
      rest = parts.pop()!;
      for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
      done();
    },
  });
  return { stream, lines };
}
