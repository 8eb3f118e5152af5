// Opens what the processes of one broker share. The only place that picks memory or Redis.

import { createMetadataCopies, type MetadataCopies } from '../broker/idp-metadata/metadata-copies.ts';
import { createDistrustedIdps, type DistrustedIdps } from '../broker/sign-in/distrusted-idps.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import { createSharedRecords } from '../store/shared-records.ts';

interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

export function createKeyValue({ store }: Config, { clock, log }: Pick<World, 'clock' | 'log'>): KeyValue {
  if (store.type === 'memory') return createMemoryStore(clock);
  return createRedisStore(store, (error) => log.error({ detail: error.message }, 'Redis connection'));
}

export function metadataCopies(config: Config, { clock, random }: Pick<World, 'clock' | 'random'>, keyValue: KeyValue) {
  const records = createSharedRecords('idp-metadata', { keyValue, secrets: config.session.secrets, random });
  return createMetadataCopies(records, clock.now);
}

export function idpKeys({ session: { secrets } }: Config, { random }: Pick<World, 'random'>, keyValue: KeyValue) {
  return createSharedRecords('idp-keys', { keyValue, secrets, random });
}

/** The list that running processes share; undefined where each keeps its own. @throws BrokerError store_unavailable */
export async function openDistrustedIdps(
  config: Config,
  world: World,
): Promise<{ distrusted: DistrustedIdps; close(): Promise<void> } | undefined> {
  if (config.store.type === 'memory') return undefined;
  const keyValue = createKeyValue(config, world);
  await keyValue.check();
  return { distrusted: distrustedIdps(config, { ...world, keyValue }), close: () => keyValue.close() };
}

export function distrustedIdps(
  { session: { secrets } }: Config,
  { keyValue, random }: { keyValue: KeyValue; random: RandomBytes },
): DistrustedIdps {
  return createDistrustedIdps(createSharedRecords('verification', { keyValue, secrets, random }));
}

/** The copies that running processes share; undefined where each keeps its own. @throws BrokerError store_unavailable */
export async function openMetadataCopies(
  config: Config,
  world: Pick<World, 'clock' | 'random' | 'log'>,
): Promise<{ copies: MetadataCopies; close(): Promise<void> } | undefined> {
  if (config.store.type === 'memory') return undefined;
  const keyValue = createKeyValue(config, world);
  await keyValue.check();
  return { copies: metadataCopies(config, world, keyValue), close: () => keyValue.close() };
}
