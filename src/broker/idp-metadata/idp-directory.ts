// The identity providers and their current metadata: fetched on a schedule, shared through the store, read again when a
// file changes. The last copy that was good stays in force until it ends by itself.
import type { IdentityProvider } from '../../config/config.ts';
import { BrokerError } from '../../errors.ts';
import type { RandomBytes } from '../../random.ts';
import { isExpired } from '../../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import { createMetadataBook, type MetadataBook, type MetadataBookDeps } from './known-metadata.ts';
import type { MetadataCopies } from './metadata-copies.ts';
import { nextRefreshMs, retryMs } from './metadata-schedule.ts';
import { type FileVersion, fetchMetadata, fileVersion, readMetadataFile } from './metadata-source.ts';
import type { Timers } from './timers.ts';

export interface KnownIdp {
  readonly config: IdentityProvider;
  readonly metadata: IdpMetadata;
}

export interface IdpDirectory {
  list(): readonly IdentityProvider[];
  /** @throws BrokerError not_found, or idp_unavailable while its metadata has never been read or is out of date */
  find(id: string): KnownIdp;
  /** What is known of it, out of date or not. */
  metadataOf(id: string): IdpMetadata | undefined;
  /** Reads what is in the store and at the addresses, and goes on doing so. */
  start(): Promise<void>;
  stop(): void;
}

export interface IdpDirectoryDeps extends MetadataBookDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly random: RandomBytes;
  readonly copies: MetadataCopies;
  readonly timers: Timers;
}

/** What a look or a fetch needs to know of one provider, and remembers. */
interface Watched {
  readonly idp: IdentityProvider;
  failures: number;
  version: FileVersion | undefined;
  /** When the newest copy in the store had been fetched. */
  seenCopy: number;
  /** Said once per validUntil, not once per sign-in. */
  reportedExpiry: number | undefined;
}

/** How often the store and files are looked at. */
const lookMs = 60_000;

export function createIdpDirectory(providers: readonly IdentityProvider[], deps: IdpDirectoryDeps): IdpDirectory {
  const book = createMetadataBook(providers, deps);
  const watched = providers.map(startWatching);
  const { later } = deps.timers;
  const lookAll = async (): Promise<void> => {
    await Promise.all(watched.map((each) => look(each, book, deps)));
    later(lookMs * (1 - chance(deps) / 10), lookAll);
  };
  const refreshOne = async (each: Watched, url: string): Promise<void> => {
    later(await refresh(each, url, book, deps), () => refreshOne(each, url));
  };
  return {
    list: () => providers,
    find: (id) => find(watched, id, book, deps),
    metadataOf: (id) => book.of(id)?.metadata,
    start: async () => {
      await lookAll();
      await Promise.all(
        watched.map((each) => each.idp.metadataSource.url && refreshOne(each, each.idp.metadataSource.url)),
      );
    },
    stop: () => deps.timers.stop(),
  };
}

function startWatching(idp: IdentityProvider): Watched {
  return { idp, failures: 0, version: undefined, seenCopy: 0, reportedExpiry: undefined };
}

function find(watched: readonly Watched[], id: string, book: MetadataBook, deps: IdpDirectoryDeps): KnownIdp {
  const each = watched.find(({ idp }) => idp.id === id);
  if (!each) throw new BrokerError('not_found', 'no such identity provider');
  const metadata = book.of(id)?.metadata;
  if (!metadata) throw new BrokerError('idp_unavailable', 'metadata never read', { details: { idp: id } });
  if (isExpired(metadata, deps.clock.now())) {
    reportExpiry(each, metadata, deps);
    throw new BrokerError('idp_unavailable', 'metadata is out of date', { details: { idp: id } });
  }
  return { config: each.idp, metadata };
}

// Never throws: what goes wrong is logged, and what was known stays known.
async function look(each: Watched, book: MetadataBook, deps: IdpDirectoryDeps): Promise<void> {
  const { file, url } = each.idp.metadataSource;
  try {
    if (file !== undefined) await lookAtFile(each, file, book, deps);
    if (url !== undefined) await lookAtStore(each, url, book, deps);
  } catch (error) {
    const keeps = book.of(each.idp.id) !== undefined;
    const detail = (error as Error).message;
    deps.log.error({ idp: each.idp.id, detail, keeps }, 'identity provider metadata not taken up');
  }
  const metadata = book.of(each.idp.id)?.metadata;
  if (metadata && isExpired(metadata, deps.clock.now())) reportExpiry(each, metadata, deps);
}

async function lookAtFile(each: Watched, path: string, book: MetadataBook, { clock }: IdpDirectoryDeps): Promise<void> {
  const version = await fileVersion(path);
  const { version: seen } = each;
  if (seen && seen.mtimeMs === version.mtimeMs && seen.size === version.size) return;
  // Remembered before it is judged: a bad file is reported once, and read again when it changes.
  each.version = version;
  await book.adopt(each.idp, { xml: await readMetadataFile(path), asOf: clock.now().getTime(), origin: 'file' });
}

async function lookAtStore(
  each: Watched,
  url: string,
  book: MetadataBook,
  { copies }: IdpDirectoryDeps,
): Promise<void> {
  const { idp } = each;
  const own = book.of(idp.id);
  const copy = await copies.read(idp.id, url);
  if (copy && copy.fetchedAt > Math.max(own?.asOf ?? 0, each.seenCopy)) {
    // Remembered before it is judged, as a file is.
    each.seenCopy = copy.fetchedAt;
    await book.adopt(idp, { xml: copy.xml, asOf: copy.fetchedAt, origin: 'store' });
  } else if (own?.xml !== undefined && own.asOf > (copy?.fetchedAt ?? 0)) {
    // Lost, or written over by a process that fetched before us.
    await copies.keep(idp.id, url, { xml: own.xml, fetchedAt: own.asOf });
  }
}

/** Fetches once. Never throws. @returns milliseconds until the next time */
async function refresh(each: Watched, url: string, book: MetadataBook, deps: IdpDirectoryDeps): Promise<number> {
  const { idp } = each;
  const { refreshMs } = idp.metadataSource;
  try {
    const fetchedAt = deps.clock.now().getTime();
    const xml = await fetchMetadata(url, deps);
    await book.adopt(idp, { xml, asOf: fetchedAt, origin: 'url' });
    each.failures = 0;
    await keepCopy(idp, url, { xml, fetchedAt }, deps);
    const { cacheDurationMs, validUntil } = book.of(idp.id)!.metadata;
    const validMs = validUntil && validUntil.getTime() - deps.clock.now().getTime();
    return nextRefreshMs({ refreshMs, cacheDurationMs, validMs, chance: chance(deps) });
  } catch (error) {
    each.failures++;
    const retryInMs = retryMs(each.failures, { refreshMs, chance: chance(deps) });
    const facts = { idp: idp.id, detail: (error as Error).message, failures: each.failures, retryInMs };
    deps.log.error({ ...facts, keeps: book.of(idp.id) !== undefined }, 'identity provider metadata not read');
    return retryInMs;
  }
}

// The store being down does not make what was fetched any worse; the next look tries again.
async function keepCopy(
  idp: IdentityProvider,
  url: string,
  copy: { xml: string; fetchedAt: number },
  { copies, log }: IdpDirectoryDeps,
): Promise<void> {
  try {
    await copies.keep(idp.id, url, copy);
  } catch (error) {
    log.warn({ idp: idp.id, detail: (error as Error).message }, 'identity provider metadata not stored');
  }
}

function reportExpiry(each: Watched, { validUntil }: IdpMetadata, { log }: IdpDirectoryDeps): void {
  const instant = validUntil!.getTime();
  if (each.reportedExpiry === instant) return;
  each.reportedExpiry = instant;
  log.error({ idp: each.idp.id, validUntil }, 'identity provider metadata is out of date: nobody can sign in with it');
}

function chance({ random }: IdpDirectoryDeps): number {
  return random(4).readUInt32BE() / 2 ** 32;
}
