// How this process learns of new metadata of one identity provider: from its file, from the store, from its address.
import type { IdentityProvider } from '../../config/config.ts';
import type { RandomBytes } from '../../random.ts';
import type { MetadataCache, MetadataDeps } from './metadata-cache.ts';
import {
  type FileVersion,
  fetchMetadata,
  fileVersion,
  nextRefreshMs,
  readMetadataFile,
  retryMs,
} from './metadata-source.ts';

/** Neither method throws: what goes wrong is logged, and what was known stays known. */
export interface MetadataUpdates {
  readonly idp: IdentityProvider;
  /** Looks at the file and at the copy in the store. */
  readonly look: () => Promise<void>;
  /** Fetches once. @returns milliseconds until the next time */
  readonly refresh: (url: string) => Promise<number>;
}

export function createMetadataUpdates(
  idp: IdentityProvider,
  cache: MetadataCache,
  deps: MetadataDeps,
): MetadataUpdates {
  const { fetch, random, clock, log, copies } = deps;
  let failures = 0;
  return {
    idp,
    look: createLook(idp, cache, deps),
    refresh: async (url) => {
      const { refreshMs } = idp.metadataSource;
      try {
        const fetchedAt = clock.now().getTime();
        const xml = await fetchMetadata(url, { fetch });
        await cache.adopt(idp, { xml, asOf: fetchedAt, origin: 'url' });
        failures = 0;
        // The store being down does not make what was fetched any worse; the next look tries again.
        await copies.keep(idp.id, url, { xml, fetchedAt }).catch((error: unknown) => {
          log.warn({ idp: idp.id, detail: (error as Error).message }, 'identity provider metadata not stored');
        });
        const { cacheDurationMs, validUntil } = cache.of(idp.id)!.metadata;
        const validMs = validUntil && validUntil.getTime() - clock.now().getTime();
        return nextRefreshMs({ refreshMs, cacheDurationMs, validMs, chance: jitter(random) });
      } catch (error) {
        failures++;
        const retryInMs = retryMs(failures, { refreshMs, chance: jitter(random) });
        const facts = { idp: idp.id, detail: (error as Error).message, failures, retryInMs };
        log.error({ ...facts, keeps: cache.of(idp.id) !== undefined }, 'identity provider metadata not read');
        return retryInMs;
      }
    },
  };
}

function createLook(idp: IdentityProvider, cache: MetadataCache, { clock, log, copies }: MetadataDeps) {
  let seenVersion: FileVersion | undefined;
  /** When the newest copy in the store had been fetched. */
  let seenCopy = 0;
  const lookAtFile = async (path: string): Promise<void> => {
    const version = await fileVersion(path);
    if (seenVersion?.mtimeMs === version.mtimeMs && seenVersion.size === version.size) return;
    // Remembered before it is judged: a bad file is reported once, and read again when it changes.
    seenVersion = version;
    await cache.adopt(idp, { xml: await readMetadataFile(path), asOf: clock.now().getTime(), origin: 'file' });
  };
  const lookAtStore = async (url: string): Promise<void> => {
    const own = cache.of(idp.id);
    const copy = await copies.read(idp.id, url);
    if (copy && copy.fetchedAt > Math.max(own?.asOf ?? 0, seenCopy)) {
      // Remembered before it is judged, as a file is.
      seenCopy = copy.fetchedAt;
      await cache.adopt(idp, { xml: copy.xml, asOf: copy.fetchedAt, origin: 'store' });
    } else if (own?.xml !== undefined && own.asOf > (copy?.fetchedAt ?? 0)) {
      // Lost, or written over by a process that fetched before us.
      await copies.keep(idp.id, url, { xml: own.xml, fetchedAt: own.asOf });
    }
  };
  return async (): Promise<void> => {
    const { file, url } = idp.metadataSource;
    try {
      if (file !== undefined) await lookAtFile(file);
      if (url !== undefined) await lookAtStore(url);
    } catch (error) {
      const facts = { idp: idp.id, detail: (error as Error).message, keeps: cache.of(idp.id) !== undefined };
      log.error(facts, 'identity provider metadata not applied');
    }
  };
}

/** From 0 to below 1: keeps processes apart. */
export function jitter(random: RandomBytes): number {
  return random(4).readUInt32BE() / 2 ** 32;
}
