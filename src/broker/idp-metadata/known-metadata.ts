// What this process believes about each identity provider, and the one way to change it: judged by the rules, recorded in
// the audit trail, then in force. Whatever is refused leaves things as they were.
import type { Audit } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import type { IdentityProvider } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import { acceptMetadata } from '../../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import { changeOf, fingerprints } from './metadata-changes.ts';

export type MetadataOrigin = 'file' | 'url' | 'store';

export interface KnownMetadata {
  readonly metadata: IdpMetadata;
  /** The document, as it was judged. Undefined for what the configuration brought along. */
  readonly xml: string | undefined;
  /** When it was fetched or, for a file, written; milliseconds. */
  readonly asOf: number;
}

export interface MetadataBook {
  of(id: string): KnownMetadata | undefined;
  /** Takes the document up if it is good. @throws Error that says why it is refused; audit_unavailable */
  adopt(idp: IdentityProvider, found: { xml: string; asOf: number; origin: MetadataOrigin }): Promise<void>;
}

export interface MetadataBookDeps {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
  /** In production people are sent to https only. */
  readonly requireHttps: boolean;
}

export function createMetadataBook(providers: readonly IdentityProvider[], deps: MetadataBookDeps): MetadataBook {
  const known = new Map<string, KnownMetadata>();
  for (const { id, metadata } of providers) if (metadata) known.set(id, { metadata, xml: undefined, asOf: 0 });
  return {
    of: (id) => known.get(id),
    adopt: async (idp, { xml, asOf, origin }) => {
      if (asOf < (known.get(idp.id)?.asOf ?? 0)) return;
      const entityIds = new Map([...known].map(([id, { metadata }]) => [id, metadata.entityId]));
      const { requireHttps, clock } = deps;
      const metadata = judgeMetadata(xml, idp, { requireHttps, entityIds, now: clock.now() });
      await report(deps, idp, origin, known.get(idp.id)?.metadata, metadata);
      // While the record was written something newer may have come.
      if (asOf >= (known.get(idp.id)?.asOf ?? 0)) known.set(idp.id, { metadata, xml, asOf });
    },
  };
}

export interface Circumstances {
  /** In production people are sent to https only. */
  readonly requireHttps: boolean;
  /** entityIDs of all identity providers that are known, by the id of the configuration. */
  readonly entityIds: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** What the document says, if it may be believed. @throws Error that says why not */
export function judgeMetadata(
  xml: string,
  idp: IdentityProvider,
  { requireHttps, entityIds, now }: Circumstances,
): IdpMetadata {
  const metadata = acceptMetadata(xml, idp.metadataSource.rules, now);
  const { entityId, ssoRedirectUrl, sloRedirectUrl, sloResponseUrl } = metadata;
  const isHttps = [ssoRedirectUrl, sloRedirectUrl ?? 'https:', sloResponseUrl ?? 'https:'].every((url) =>
    url.startsWith('https:'),
  );
  if (requireHttps && !isHttps) throw new Error('an address of the identity provider is not https');
  // Of two with one name it would be a matter of chance whose rules an unsolicited response is judged by.
  const twin = [...entityIds].find(([id, other]) => id !== idp.id && other === entityId);
  if (twin) throw new Error(`it has the entityID of identity provider ${twin[0]}`);
  return metadata;
}

// A key is believed only once it is on record that it came: without the record things stay as they are.
async function report(
  { audit, log }: MetadataBookDeps,
  idp: IdentityProvider,
  origin: MetadataOrigin,
  before: IdpMetadata | undefined,
  after: IdpMetadata,
): Promise<void> {
  if (!before) {
    const facts = { idp: idp.id, origin, entityId: after.entityId, certificates: fingerprints(after) };
    log.info(facts, 'identity provider metadata read');
    return;
  }
  const change = changeOf(before, after);
  if (!change) return;
  await audit.record({ event: 'idp_metadata_changed', idp: idp.id, origin, ...change }, undefined);
  log.warn({ idp: idp.id, origin, ...change }, 'identity provider metadata has changed');
}
