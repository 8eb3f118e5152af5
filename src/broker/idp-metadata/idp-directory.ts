// The identity providers and their current metadata: fetched on a schedule, shared through the store, read again when a
// file changes. The last good copy stays in force until it ends by itself.
import type { IdentityProvider } from '../../config/config.ts';
import { BrokerError } from '../../errors.ts';
import { isExpired } from '../../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import { createMetadataCache, type MetadataCache, type MetadataDeps } from './metadata-cache.ts';
import { createMetadataUpdates, jitter, type MetadataUpdates } from './metadata-updates.ts';

export interface IdpEntry {
  readonly config: IdentityProvider;
  readonly metadata: IdpMetadata;
}

export interface IdpDirectory {
  list(): readonly IdentityProvider[];
  /** @throws BrokerError not_found, or idp_unavailable while its metadata has never been read or is out of date */
  find(id: string): IdpEntry;
  /** Its last known metadata, also if it is out of date. */
  metadataOf(id: string): IdpMetadata | undefined;
  /** When what `metadataOf` gives was fetched. */
  fetchedAt(id: string): Date | undefined;
  /**
   * Reads file, store and address now, at most once a minute: for a message that a key signed which is not known yet.
   * @returns whether the keys are others now
   */
  reread(id: string): Promise<boolean>;
  /**
   * Reads the metadata in the store and at the addresses, now and at intervals.
   * @throws BrokerError audit_unavailable if the keys in force cannot be recorded
   */
  start(): Promise<void>;
  stop(): void;
}

/** How often the store and files are looked at. */
const lookMs = 60_000;

export function createIdpDirectory(providers: readonly IdentityProvider[], deps: MetadataDeps): IdpDirectory {
  const { clock, log, random, timers } = deps;
  const cache = createMetadataCache(providers, deps);
  const updates = providers.map((idp) => createMetadataUpdates(idp, cache, deps));
  const reread = createReread(updates, cache, deps);
  const reportedExpiry = new Map<string, number>();
  // Logged once per validUntil, not once per sign-in.
  const expired = (id: string, metadata: IdpMetadata): boolean => {
    if (!isExpired(metadata, clock.now())) return false;
    const { validUntil } = metadata;
    const instant = validUntil!.getTime();
    if (reportedExpiry.get(id) !== instant) {
      log.error({ idp: id, validUntil }, 'identity provider metadata is out of date: sign-ins with it are refused');
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
    fetchedAt: (id) => {
      const record = cache.of(id);
      return record?.xml === undefined ? undefined : new Date(record.asOf);
    },
    reread,
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

const rereadMs = 60_000;

// Keycloak publishes a new key and signs with it in the same moment. Anyone can send a message with an unknown key, so the
// identity provider is asked once a minute at most; sign-ins that arrive meanwhile wait for the same answer.
function createReread(
  updates: readonly MetadataUpdates[],
  cache: MetadataCache,
  { clock, log }: MetadataDeps,
): IdpDirectory['reread'] {
  const last = new Map<string, { readonly at: number; readonly changed: Promise<boolean> }>();
  const keysOf = (id: string) => String(cache.of(id)?.metadata.signingCertificates);
  const readNow = async ({ idp: { id, metadataSource }, look, refresh }: MetadataUpdates): Promise<boolean> => {
    const before = keysOf(id);
    await look();
    if (keysOf(id) === before && metadataSource.url !== undefined) await refresh(metadataSource.url);
    const changed = keysOf(id) !== before;
    log.warn({ idp: id, changed }, 'a message was signed by an unknown key: reading metadata again');
    return changed;
  };
  return (id) => {
    const known = last.get(id);
    const now = clock.now().getTime();
    if (known && now - known.at < rereadMs) return known.changed;
    const update = updates.find(({ idp }) => idp.id === id);
    if (!update) return Promise.resolve(false);
    const changed = readNow(update);
    last.set(id, { at: now, changed });
    return changed;
  };
}
