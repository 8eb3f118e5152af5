// Wires everything by hand: configuration and the outside world in, two apps out.
import type { RequestListener } from 'node:http';
import type { Agent } from 'node:https';
import type { Writable } from 'node:stream';
import type { Express } from 'express';
import type { Sts } from '../aws/sts.ts';
import { observed } from '../broker/activity/activity.ts';
import { createConfigHistory } from '../broker/config-status.ts';
import { createCertificateWatch, watchedCertificates } from '../broker/idp-metadata/certificate-watch.ts';
import type { Timers } from '../broker/idp-metadata/timers.ts';
import { createPreferences } from '../broker/preferences.ts';
import type { SessionDirectory } from '../broker/session-directory.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createOperationsApp } from '../http/operations.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import { type Tracing, traced, tracedAudit } from '../tracing.ts';
import { createRecentActivity } from './activity.ts';
import { sessionDirectory } from './administration.ts';
import { createApplication, type Kept } from './application.ts';
import { createAudit, createRefusedRequests, startEvent } from './audit.ts';
import { createAwsClients, createStoredRoleMaxima } from './federation.ts';
import { addAges } from './gauges/ages.ts';
import { addKeyAges, keysInUse } from './gauges/key-ages.ts';
import { addSessionGauge } from './gauges/session-gauge.ts';
import { createLimits, createSummaries } from './limits.ts';
import { createMetrics, type Metrics, storeOperations } from './metrics.ts';
import { reportOrganization } from './organization.ts';
import { createReference } from './reference.ts';
import { createReload, type Reload } from './reload.ts';
import { checkSigners } from './signers.ts';
import { createSessionRecords, createStorage } from './stores.ts';

/** The parts that a test replaces: time, randomness, where lines go, how hosts are reached. */
export interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  /** Where audit lines go when the configuration says stdout. */
  readonly auditStream: Writable;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined: the system's. */
  readonly timers?: Timers | undefined;
  /** For every https call to AWS. */
  readonly agent?: Agent | undefined;
  /** Undefined: off. */
  readonly tracing?: Tracing | undefined;
}

export interface Broker {
  readonly sessionDirectory: SessionDirectory;
  /** Each request is answered by the configuration that is in force when it comes. */
  readonly app: RequestListener;
  readonly operations: Express;
  /** The configuration in force. */
  readonly config: () => Config;
  readonly reload: Reload;
  /**
   * Reads metadata from URLs, checks the store and keys in AWS KMS.
   * @throws BrokerError store_unavailable
   * @throws Error if a key is not that of its certificate
   */
  start(): Promise<void>;
  /** Writes the record that this process serves from here on. @throws BrokerError audit_unavailable */
  recordStart(): Promise<void>;
  /** From now on not ready. */
  drain(): void;
  close(): Promise<void>;
}

export function compose(config: Config, world: World): Broker {
  const metrics = createMetrics(() => current.config.identityProviders);
  const { registry } = metrics;
  const { kept, trail, recent, reference } = createKept(config, world, metrics, () => current.config);
  const { keyValue } = kept.storage;
  /** The only place that holds the configuration in force: a reload puts another application here. */
  let current = createApplication(config, kept);
  const certificates = () => watchedCertificates(current.config, (idp) => current.idps.metadataOf(idp));
  addAges(registry, { now: world.clock.now, certificates, idps: () => current.idps });
  const keyRecords = createSharedRecords('own-keys', kept.storage);
  addKeyAges(registry, { keys: () => keysInUse(config), records: keyRecords, clock: world.clock });
  addSessionGauge(registry, { entries: kept.records.entries, clock: world.clock });
  const certificateWatch = createCertificateWatch(certificates, world);
  let draining = false;
  return {
    app: (request, response) => current.app(request, response),
    config: () => current.config,
    reload: createReload({
      kept,
      current: () => current,
      replace: (next) => {
        current = next;
      },
      registry,
    }),
    sessionDirectory: kept.sessionDirectory,
    operations: createOperationsApp({
      checkStore: () => keyValue.check(),
      isDraining: () => draining,
      registry,
      log: world.log,
    }),
    start: async () => {
      await keyValue.check();
      await checkSigners(config, world.log);
      reportOrganization(config, world.log);
      await current.idps.start();
      certificateWatch.start();
      kept.limits.start();
      trail.start();
      recent.start();
    },
    recordStart: () => kept.audit.record(startEvent(config), undefined),
    drain: () => {
      draining = true;
    },
    close: async () => {
      current.idps.stop();
      certificateWatch.stop();
      await reference.close();
      await kept.limits.close();
      await recent.close();
      await trail.close();
      await keyValue.close();
    },
  };
}

/** What a reload of the configuration leaves as it is. */
function createKept(config: Config, world: World, metrics: Metrics, inForce: () => Config) {
  const { registry, counted, startRequest, limited } = metrics;
  const { tracing } = world;
  const timedStore = (store: KeyValue) => traced(tracing, 'store', metrics.timedStore(store), storeOperations);
  const storage = createStorage(config, world, timedStore);
  const { keyValue } = storage;
  const refusals = createRefusedRequests(world, storage);
  const trail = createAudit(config, world, storage, metrics.auditDropped);
  const recent = createRecentActivity(world, storage);
  const summaries = createSummaries(inForce, observed(refusals.remembered(trail), recent.activity), world);
  const audit = tracedAudit(tracing, counted(summaries));
  const limits = createLimits(config, world, { keyValue, summaries, limited });
  const reference = createReference(config, { ...world, storage, audit, registry });
  const records = createSessionRecords(storage);
  const awsClients = createAwsClients(config, world);
  const timedSts = metrics.timedSts(awsClients.sts);
  const sts = traced(tracing, 'sts', timedSts, Object.keys(timedSts) as (keyof Sts)[]);
  const kept: Kept = {
    ...world,
    ...{ storage, audit, refusals, limits, records, startRequest, activity: recent.activity },
    reference: reference.check,
    awsClients: { ...awsClients, sts },
    roleMaxima: createStoredRoleMaxima(world.log, storage),
    sessionDirectory: sessionDirectory(records, audit),
    configHistory: createConfigHistory(world.clock),
    preferences: createPreferences({ ...world, records: createSharedRecords('preferences', storage) }),
  };
  return { kept, trail, recent, reference };
}
