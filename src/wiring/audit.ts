// Wires the audit trail with its signatures and anchors, and the last refused requests that administrators look at.
import { createChainKeeper } from '../audit/chain/chain-keeper.ts';
import { createJsonLinesAudit } from '../audit/chain/json-lines.ts';
import type { Audit, AuditEvent } from '../audit/events.ts';
import { createChainHeads } from '../broker/chain-heads.ts';
import { createTimers, type Timers } from '../broker/idp-metadata/timers.ts';
import { createRefusals, type Refusals } from '../broker/refusals.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { certificateFacts } from '../saml/metadata/certificate.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import { createAuditSinks, type SinkWorld } from './audit-sinks.ts';
import type { Storage } from './stores.ts';

export interface ClosableAudit extends Audit {
  /** From now on the chain is signed and anchored in the background. */
  start(): void;
  /** Writes the end of the chain, and the rest of the buffers. Never throws. */
  close(): Promise<void>;
}

interface AuditWorld extends SinkWorld {
  readonly timers?: Timers | undefined;
}

/** Where there is no key that says how often. */
const keepMs = 60_000;

/** @param onDrop counts what a buffered sink had no room for */
export function createAudit(
  config: Config,
  world: AuditWorld,
  storage: Storage,
  onDrop: (sink: string, records: number) => void = () => {},
): ClosableAudit {
  const chain = world.random(12).toString('base64url');
  const sinks = createAuditSinks(config, { ...world, chain }, onDrop);
  const { signing } = config.audit;
  const keeper = createChainKeeper({
    trail: createJsonLinesAudit(sinks.write, world.clock, chain),
    signing: signing?.signer && { ...signing, signer: signing.signer },
    heads: config.store.type === 'memory' ? undefined : chainHeads(storage),
    log: world.log,
  });
  const timers = createTimers();
  const recordDropped = async () => {
    for (const { sink, dropped } of sinks.takeDropped()) {
      await keeper.audit
        .record({ event: 'audit_dropped', sink, dropped }, undefined)
        .catch((error: Error) =>
          world.log.error({ sink, dropped, detail: error.message }, 'dropped records not recorded'),
        );
    }
  };
  const keepLater = () =>
    timers.later(signing?.everyMs ?? keepMs, async () => {
      await recordDropped();
      await keeper.keep();
      keepLater();
    });
  return {
    record: keeper.audit.record,
    start: keepLater,
    close: async () => {
      timers.stop();
      await recordDropped();
      await keeper.close();
      await sinks.close();
    },
  };
}

function chainHeads(storage: Storage) {
  const index = createHashedIndex('audit-chains', storage.keyValue, storage.sealer);
  return createChainHeads(createSharedRecords('audit-head', storage), index);
}

/** Which configuration and which keys are in force. */
export function startEvent({ source, mode, aws, serviceProvider }: Config): AuditEvent {
  const { signing } = serviceProvider;
  return {
    event: 'broker_started',
    version: source.version,
    isProduction: mode === 'production',
    mintingCertificate: certificateFacts(aws.signing.certificate).fingerprint,
    requestCertificate: signing && certificateFacts(signing.certificate).fingerprint,
  };
}

interface RefusalsWorld {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

export function createRefusedRequests({ clock, random, log }: RefusalsWorld, storage: Storage): Refusals {
  return createRefusals({
    records: createSharedRecords('refusal', storage),
    index: createHashedIndex('refusals', storage.keyValue, storage.sealer),
    clock,
    random,
    log,
  });
}
