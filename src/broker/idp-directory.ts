// The identity providers and their current metadata. A copy that was good is kept when a refresh fails.
import type { IdentityProvider } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type IdpMetadata, readIdpMetadata } from '../saml/idp-metadata.ts';

export interface KnownIdp {
  readonly config: IdentityProvider;
  readonly metadata: IdpMetadata;
}

export interface IdpDirectory {
  list(): readonly IdentityProvider[];
  /** @throws BrokerError not_found, or idp_unavailable while its metadata has never been read */
  find(id: string): KnownIdp;
  /** Fetches what comes from URLs, and goes on doing so. */
  start(): Promise<void>;
  stop(): void;
}

const fetchTimeoutMs = 10_000;
const retryMs = 30_000;

export function createIdpDirectory(
  providers: readonly IdentityProvider[],
  { log, fetch }: { log: Logger; fetch: typeof globalThis.fetch },
): IdpDirectory {
  const metadata = new Map(providers.map((idp) => [idp.id, idp.metadata]));
  const timers = new Set<NodeJS.Timeout>();
  const refresh = async (idp: IdentityProvider, url: string): Promise<void> => {
    let nextMs = idp.metadataRefreshMs;
    try {
      metadata.set(idp.id, await fetchMetadata(url, idp.metadataEntityId, fetch));
      log.info({ idp: idp.id }, 'identity provider metadata read');
    } catch (error) {
      nextMs = Math.min(retryMs, nextMs);
      const keeps = metadata.get(idp.id) !== undefined;
      log.error({ idp: idp.id, detail: (error as Error).message, keeps }, 'identity provider metadata not read');
    }
    schedule(idp, url, nextMs);
  };
  const schedule = (idp: IdentityProvider, url: string, inMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void refresh(idp, url); // reports its own failure
    }, inMs);
    timers.add(timer.unref());
  };
  return {
    list: () => providers,
    find: (id) => {
      const config = providers.find((idp) => idp.id === id);
      if (!config) throw new BrokerError('not_found', 'no such identity provider');
      const known = metadata.get(id);
      if (!known) throw new BrokerError('idp_unavailable', 'metadata never read', { details: { idp: id } });
      return { config, metadata: known };
    },
    start: async () => {
      await Promise.all(providers.map((idp) => idp.metadataUrl && refresh(idp, idp.metadataUrl)));
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

async function fetchMetadata(
  url: string,
  entityId: string | undefined,
  fetch: typeof globalThis.fetch,
): Promise<IdpMetadata> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs), redirect: 'error' });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return readIdpMetadata(await response.text(), entityId);
}
