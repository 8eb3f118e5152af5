// The identity providers and their current metadata: fetched on a schedule, shared through the store, read again when a
// file changes. The last good copy stays in force until it ends by itself.
import type { IdentityProvider } from '../../config/config.ts';
import { BrokerError } from '../../errors.ts';
import { isExpired } from '../../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import { createMetadataCache, type MetadataCacheDeps } from './metadata-cache.ts';
import { createMetadataUpdates, jitter, type MetadataUpdatesDeps } from './metadata-updates.ts';
import type { Timers } from './timers.ts';

export interface IdpEntry {
  readonly config: IdentityProvider;
  readonly metadata: IdpMetadata;
}

export interface IdpDirectory {
  list(): readonly IdentityProvider[];
  /** @throws BrokerError not_found, or idp_unavailable while its metadata has never been read or is out of date */
  find(id: string): IdpEntry;
  /** What is known of it, out of date or not. */
  metadataOf(id: string): IdpMetadata | undefined;
  /**
   * Reads what is in the store and at the addresses, and goes on doing so.
   * @throws BrokerError store_unavailable or audit_unavailable if the keys in force cannot be recorded
   */
  start(): Promise<void>;
  stop(): void;
}

export interface IdpDirectoryDeps extends MetadataCacheDeps, MetadataUpdatesDeps {
  readonly timers: Timers;
}

/** How often the store and files are looked at. */
const lookMs = 60_000;

export function createIdpDirectory(providers: readonly IdentityProvider[], deps: IdpDirectoryDeps): IdpDirectory {
  const { clock, log, random, timers } = deps;
  const cache = createMetadataCache(providers, deps);
  const updates = providers.map((idp) => createMetadataUpdates(idp, cache, deps));
  const reportedExpiry = new Map<string, number>();
  // Logged once per validUntil, not once per sign-in.
  const expired = (id: string, metadata: IdpMetadata): boolean => {
    if (!isExpired(metadata, clock.now())) return false;
    const { validUntil } = metadata;
    const instant = validUntil!.getTime();
    if (reportedExpiry.get(id) !== instant) {
      log.error({ idp: id, validUntil }, 'identity provider metadata is out of date: nobody can sign in with it');
    }
    reportedExpiry.set(id, instant);
    return true;
  };
  const lookAll = async (): Promise<void> => {
    await Promise.all(
      updates.map(async ({ idp, look }) => {
        await look();
        const metadata = cache.of(idp.id)?.metadata;
        if (metadata) expired(idp.id, metadata);
      }),
    );
    timers.later(lookMs * (1 - jitter(random) / 10), lookAll);
  };
  const refreshForever = async (url: string, refresh: (url: string) => Promise<number>): Promise<void> => {
    timers.later(await refresh(url), () => refreshForever(url, refresh));
  };
  return {
    list: () => providers,
    find: (id) => {
      const config = providers.find((idp) => idp.id === id);
      if (!config) throw new BrokerError('not_found', 'no such identity provider');
      const metadata = cache.of(id)?.metadata;
      if (!metadata) throw new BrokerError('idp_unavailable', 'metadata never read', { details: { idp: id } });
      if (!expired(id, metadata)) return { config, metadata };
      throw new BrokerError('idp_unavailable', 'metadata is out of date', { details: { idp: id } });
    },
    metadataOf: (id) => cache.of(id)?.metadata,
    start: async () => {
      await lookAll();
      for (const { id } of providers) {
        const metadata = cache.of(id)?.metadata;
        if (metadata) await deps.keyHistory.record(id, metadata);
      }
      await Promise.all(
        updates.map(({ idp, refresh }) => idp.metadataSource.url && refreshForever(idp.metadataSource.url, refresh)),
      );
    },
    stop: () => timers.stop(),
  };
}
