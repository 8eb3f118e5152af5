// The audit trail as JSON lines. Each line carries the hash of the previous one, so a changed or removed line shows.
import { hash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { Audit } from '../events.ts';
import { type AuditSink, PartlyWrittenError } from '../sinks/sinks.ts';
import type { ChainHead } from './chain-events.ts';

/** One deadline for each record, counted from the call: waiting for earlier records and the write itself. */
const recordTimeoutMs = 3000;
/** Records that may wait while a write is under way; further ones are rejected at once. */
const maxWaiting = 1000;

interface Waiting {
  readonly facts: object;
  readonly isDurable: boolean;
  isExpired: boolean;
  readonly settle: (error?: unknown) => void;
}

export interface AuditTrail extends Audit {
  readonly chain: string;
  /** The last record that counts; number 0 before the first. */
  head(): ChainHead;
}

/** Each process writes a separate chain, named `chain`. Records that wait for one write go out together in the next. */
export function createJsonLinesAudit(sink: AuditSink, clock: Clock, chain: string): AuditTrail {
  let tail: ChainHead = { audit: 0, hash: chain };
  let isWriting = false;
  let isOverdue = false;
  const waiting: Waiting[] = [];

  const writeAll = async (): Promise<void> => {
    isWriting = true;
    for (let batch = waiting.splice(0); batch.length > 0; batch = waiting.splice(0)) {
      const live = batch.filter(({ isExpired }) => !isExpired);
      if (live.length === 0) continue;
      const lines = toLines(live, tail, chain, clock.now().toISOString());
      let failure: unknown;
      try {
        await sink(lines.text, { isDurable: live.some(({ isDurable }) => isDurable) });
        // Only written lines count: after a failure the chain continues from the last line in the file.
        tail = lines.tail;
      } catch (error) {
        failure = error;
        // Some sink has the lines, or may have them: they are in the chain, though what they allow is refused.
        if (error instanceof PartlyWrittenError) tail = lines.tail;
      }
      isOverdue = false;
      for (const { settle } of live) settle(failure);
    }
    isWriting = false;
  };

  return {
    chain,
    head: () => tail,
    record: (event, request) => {
      if (isOverdue) return Promise.reject(unavailable('an earlier record is still not written'));
      if (waiting.length >= maxWaiting) return Promise.reject(unavailable(`${maxWaiting} records are waiting`));
      return new Promise((resolve, reject) => {
        const entry: Waiting = {
          facts: { ...event, ...request },
          isDurable: event.event === 'credentials_issued',
          isExpired: false,
          settle: (error) => {
            clearTimeout(timer);
            error === undefined ? resolve() : reject(unavailable((error as Error).message, error));
          },
        };
        const timer = setTimeout(() => {
          entry.isExpired = true;
          isOverdue = isWriting;
          reject(unavailable(`not written within ${recordTimeoutMs} ms`));
        }, recordTimeoutMs);
        waiting.push(entry);
        if (!isWriting) void writeAll();
      });
    },
  };
}

function toLines(entries: readonly Waiting[], from: ChainHead, chain: string, time: string) {
  let { audit, hash } = from;
  let text = '';
  for (const { facts } of entries) {
    audit++;
    const line = printable(JSON.stringify({ audit, time, ...facts, chain, previous: hash }));
    hash = lineHash(line);
    text += `${line}\n`;
  }
  return { text, tail: { audit, hash } };
}

/** What the next record's `previous` holds. @param line without its line break */
export function lineHash(line: string): string {
  return hash('sha256', line, 'base64url');
}

/** JSON leaves DEL, C1 controls, line separators and direction marks as they are; a terminal would interpret them. */
export function printable(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function unavailable(reason: string, cause?: unknown): BrokerError {
  return new BrokerError('audit_unavailable', `audit: ${reason}`, { cause });
}
