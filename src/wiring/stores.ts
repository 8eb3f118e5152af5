// Opens what the processes of one broker share. The only place that picks memory or Redis.

import { grantShape } from '../broker/grants/grants.ts';
import { createMetadataCopies, type MetadataCopies } from '../broker/idp-metadata/metadata-copies.ts';
import {
  type CredentialRegister,
  createCredentialRegister,
  maxRegistered,
  registeredShape,
} from '../broker/revocation/credential-register.ts';
import { sessionEntryShape } from '../broker/session-entry.ts';
import { createDistrustedIdps, type DistrustedIdps } from '../broker/sign-in/distrusted-idps.ts';
import { createSessionStore } from '../broker/sign-in/session-store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { createEntries } from '../store/entries.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createListedRecords } from '../store/listed-records.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import { createSealedSets } from '../store/sealed-sets.ts';
import { createSealer, type Sealer } from '../store/sealing.ts';
import { createSharedRecords, type SharedRecords } from '../store/shared-records.ts';

interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

/** What every store over the database is made of. */
export interface Storage {
  readonly keyValue: KeyValue;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** @param timed what the server measures its store with */
export function createStorage(
  config: Config,
  world: World,
  timed = (keyValue: KeyValue): KeyValue => keyValue,
): Storage {
  const { clock, random } = world;
  return {
    keyValue: timed(
      config.store.type === 'memory'
        ? createMemoryStore(clock)
        : createRedisStore(config.store, (error) => world.log.error({ detail: error.message }, 'Redis connection')),
    ),
    sealer: createSealer(config.session.secrets, random),
    clock,
  };
}

export type SessionRecords = ReturnType<typeof createSessionRecords>;

/** Sessions of browsers and command lines, and the entries under which both are listed. */
export function createSessionRecords(storage: Storage) {
  const entries = createEntries(sessionEntryShape, storage);
  const grantRecords = createListedRecords('grant', grantShape, storage, entries);
  return { entries, sessions: createSessionStore(storage, entries), grantRecords };
}

export function credentialRegister(storage: Storage): CredentialRegister {
  const sets = createSealedSets('issued', registeredShape, maxRegistered, storage);
  return createCredentialRegister({ sets, clock: storage.clock });
}

export function metadataCopies(storage: Storage): MetadataCopies {
  return createMetadataCopies(createSharedRecords('idp-metadata', storage), storage.clock.now);
}

export function idpKeys(storage: Storage): SharedRecords {
  return createSharedRecords('idp-keys', storage);
}

/** The list that running processes share; undefined where each keeps its own. @throws BrokerError store_unavailable */
export async function openDistrustedIdps(
  config: Config,
  world: World,
): Promise<{ distrusted: DistrustedIdps; close(): Promise<void> } | undefined> {
  if (config.store.type === 'memory') return undefined;
  const storage = createStorage(config, world);
  await storage.keyValue.check();
  return { distrusted: distrustedIdps(storage), close: () => storage.keyValue.close() };
}

export function distrustedIdps(storage: Storage): DistrustedIdps {
  return createDistrustedIdps(createSharedRecords('verification', storage));
}

/** The copies that running processes share; undefined where each keeps its own. @throws BrokerError store_unavailable */
export async function openMetadataCopies(
  config: Config,
  world: World,
): Promise<{ copies: MetadataCopies; close(): Promise<void> } | undefined> {
  if (config.store.type === 'memory') return undefined;
  const storage = createStorage(config, world);
  await storage.keyValue.check();
  return { copies: metadataCopies(storage), close: () => storage.keyValue.close() };
}
