// The metadata of each identity provider in this process. `adopt` validates a document, writes the audit record, then
// activates it; a refused document changes nothing.
import type { Audit } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import type { IdentityProvider } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import type { RandomBytes } from '../../random.ts';
import { acceptMetadata } from '../../saml/metadata/accept-metadata.ts';
import { certificateFacts } from '../../saml/metadata/certificate.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import type { KeyHistory } from './key-history.ts';
import type { MetadataCopies } from './metadata-copies.ts';
import type { Timers } from './timers.ts';

type MetadataOrigin = 'file' | 'url' | 'store';

interface MetadataRecord {
  readonly metadata: IdpMetadata;
  /** The document, as it was judged. Undefined for what the configuration brought along. */
  readonly xml: string | undefined;
  /** When it was fetched or, for a file, written; milliseconds. */
  readonly asOf: number;
}

export interface MetadataCache {
  of(id: string): MetadataRecord | undefined;
  /** Takes the document up if it is good. @throws Error that says why it is refused; audit_unavailable */
  adopt(idp: IdentityProvider, found: { xml: string; asOf: number; origin: MetadataOrigin }): Promise<void>;
}

export interface MetadataDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly audit: Audit;
  readonly log: Logger;
  readonly copies: MetadataCopies;
  /** In production people are sent to https only. */
  readonly requireHttps: boolean;
  readonly keyHistory: KeyHistory;
}

export function createMetadataCache(providers: readonly IdentityProvider[], deps: MetadataDeps): MetadataCache {
  const known = new Map<string, MetadataRecord>();
  for (const { id, metadata } of providers) if (metadata) known.set(id, { metadata, xml: undefined, asOf: 0 });
  return {
    of: (id) => known.get(id),
    adopt: async (idp, { xml, asOf, origin }) => {
      if (asOf < (known.get(idp.id)?.asOf ?? 0)) return;
      const entityIds = new Map([...known].map(([id, { metadata }]) => [id, metadata.entityId]));
      const { requireHttps, clock } = deps;
      const metadata = judgeMetadata(xml, idp, { requireHttps, entityIds, now: clock.now() });
      const before = known.get(idp.id);
      await report(deps, idp, origin, before?.metadata, metadata);
      // Once per document, not at every refresh.
      const isNews = before?.xml === undefined || String(before.metadata.warnings) !== String(metadata.warnings);
      if (metadata.warnings.length > 0 && isNews) {
        const facts = { idp: idp.id, origin, warnings: metadata.warnings };
        deps.log.warn(facts, 'part of the identity provider metadata is not used');
      }
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
  const { entityId, ssoRedirectUrl, ssoPostUrl, sloRedirectUrl, sloResponseUrl } = metadata;
  const isHttps = [ssoRedirectUrl ?? ssoPostUrl, sloRedirectUrl, sloResponseUrl].every(
    (url) => url === undefined || url.startsWith('https:'),
  );
  if (requireHttps && !isHttps) throw new Error('an address of the identity provider is not https');
  // Of two with one name it would be a matter of chance whose rules an unsolicited response is judged by.
  const twin = [...entityIds].find(([id, other]) => id !== idp.id && other === entityId);
  if (twin) throw new Error(`it has the entityID of identity provider ${twin[0]}`);
  return metadata;
}

// A key is believed only once it is on record that it came: without the record things stay as they are.
async function report(
  { audit, log, keyHistory }: MetadataDeps,
  idp: IdentityProvider,
  origin: MetadataOrigin,
  before: IdpMetadata | undefined,
  after: IdpMetadata,
): Promise<void> {
  if (!before) {
    await keyHistory.record(idp.id, after);
    const facts = { idp: idp.id, origin, entityId: after.entityId, certificates: fingerprints(after) };
    log.info(facts, 'identity provider metadata read');
    return;
  }
  const change = changeOf(before, after);
  if (!change) return;
  await audit.record({ event: 'idp_metadata_changed', idp: idp.id, origin, ...change }, undefined);
  log.warn({ idp: idp.id, origin, ...change }, 'identity provider metadata has changed');
}

// What differs between two states of one identity provider's metadata, for the audit trail and for operators.
export interface MetadataChange {
  /** SHA-256 fingerprints of signing certificates. */
  readonly addedCertificates: readonly string[];
  readonly removedCertificates: readonly string[];
  /** New values of the other fields in use, by name; empty for removed ones. */
  readonly changed: Readonly<Record<string, string>>;
}

/** Undefined where nothing that we use differs: validUntil and the rest of the document change all the time. */
export function changeOf(before: IdpMetadata, after: IdpMetadata): MetadataChange | undefined {
  const [old, now] = [fingerprints(before), fingerprints(after)];
  const addedCertificates = now.filter((fingerprint) => !old.includes(fingerprint));
  const removedCertificates = old.filter((fingerprint) => !now.includes(fingerprint));
  const was = usedValues(before);
  const changed = Object.fromEntries(Object.entries(usedValues(after)).filter(([name, value]) => value !== was[name]));
  const isSame = addedCertificates.length + removedCertificates.length + Object.keys(changed).length === 0;
  return isSame ? undefined : { addedCertificates, removedCertificates, changed };
}

function fingerprints(metadata: IdpMetadata): string[] {
  return metadata.signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
}

function usedValues(metadata: IdpMetadata): Record<string, string> {
  const { entityId, ssoRedirectUrl = '', ssoPostUrl = '', sloRedirectUrl = '', sloResponseUrl = '' } = metadata;
  // Sign-in takes HTTP-POST only where there is nothing else.
  const post = ssoRedirectUrl === '' ? { ssoPostUrl } : {};
  return { entityId, ssoRedirectUrl, ...post, sloRedirectUrl, sloResponseUrl };
}
