// Wires the audit trail, and the last refused requests that administrators look at.
import type { Writable } from 'node:stream';
import type { Audit } from '../audit/events.ts';
import { createJsonLinesAudit } from '../audit/json-lines.ts';
import { fileSink, streamSink } from '../audit/sinks.ts';
import { createRefusals, type Refusals } from '../broker/refusals.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import type { Storage } from './stores.ts';

interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly auditStream: Writable;
}

export function createAudit({ audit }: Config, { clock, random, auditStream }: World): Audit {
  const sink = audit.type === 'file' ? fileSink(audit.path) : streamSink(auditStream);
  return createJsonLinesAudit(sink, clock, random(12).toString('base64url'));
}

export function createRefusedRequests({ clock, random, log }: World, storage: Storage): Refusals {
  return createRefusals({
    records: createSharedRecords('refusal', storage),
    index: createHashedIndex('refusals', storage.keyValue, storage.sealer),
    clock,
    random,
    log,
  });
}
