// `rolegate-server metadata refresh`: read the identity providers' metadata now, say what it says and what has changed, and
// leave it where the running processes find it. For the day on which an identity provider swaps its key at once.
import type { WatchedCertificate } from '../broker/idp-metadata/certificate-watch.ts';
import { changeOf, judgeMetadata, type MetadataChange } from '../broker/idp-metadata/metadata-cache.ts';
import type { MetadataCopies } from '../broker/idp-metadata/metadata-copies.ts';
import { fetchMetadata, readMetadataFile } from '../broker/idp-metadata/metadata-source.ts';
import type { Clock } from '../clock.ts';
import type { Config, IdentityProvider } from '../config/config.ts';
import { acceptMetadata } from '../saml/metadata/accept-metadata.ts';
import { certificateFacts } from '../saml/metadata/certificate.ts';
import type { IdpMetadata } from '../saml/metadata/idp-metadata.ts';
import { describeCertificate } from './describe-certificate.ts';
import { describeValidity } from './describe-metadata.ts';

export interface RefreshContext {
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined where the store is memory: then nothing is shared. */
  readonly copies: MetadataCopies | undefined;
  readonly isDryRun: boolean;
  /** Before a copy is stored. @throws if it cannot be recorded */
  readonly onStore?: (idp: string, certificates: readonly string[]) => Promise<void>;
}

export interface RefreshReport {
  readonly text: string;
  /** Whether every identity provider's metadata is good. */
  readonly isGood: boolean;
}

export async function refreshMetadata(config: Config, context: RefreshContext): Promise<RefreshReport> {
  const entityIds = new Map<string, string>();
  const lines: string[] = [];
  let isGood = true;
  for (const idp of config.samlProviders) {
    lines.push(`${idp.id}: ${idp.metadataSource.url ?? idp.metadataSource.file}`);
    try {
      lines.push(...(await refreshOne(idp, entityIds, config, context)));
    } catch (error) {
      isGood = false;
      lines.push(`  FAILED: ${(error as Error).message}`, '  nothing stored: running processes keep what they have');
    }
  }
  return { text: lines.join('\n'), isGood };
}

async function refreshOne(
  idp: IdentityProvider,
  entityIds: Map<string, string>,
  config: Config,
  context: RefreshContext,
): Promise<string[]> {
  const { file, url } = idp.metadataSource;
  const now = context.clock.now();
  const xml = url === undefined ? await readMetadataFile(file!) : await fetchMetadata(url, context);
  const metadata = judgeMetadata(xml, idp, { requireHttps: config.mode === 'production', entityIds, now });
  entityIds.set(idp.id, metadata.entityId);
  const facts = describeMetadata(idp.id, metadata, now);
  if (url === undefined) return [...facts, '  running processes read a changed file within a minute'];
  const before = await storedBefore(idp, url, context);
  const changes = before ? describeChange(changeOf(before, metadata)) : ['  no copy in the store to compare with'];
  const certificates = metadata.signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
  const copy = { xml, fetchedAt: now.getTime() };
  return [...facts, ...changes, await keep(idp, url, { copy, certificates }, context)];
}

async function storedBefore(
  idp: IdentityProvider,
  url: string,
  context: RefreshContext,
): Promise<IdpMetadata | undefined> {
  const copy = await context.copies?.read(idp.id, url);
  try {
    return copy && acceptMetadata(copy.xml, idp.metadataSource.rules, new Date(copy.fetchedAt));
  } catch {
    return undefined; // kept under other rules: no process would take it up either
  }
}

async function keep(
  idp: IdentityProvider,
  url: string,
  { copy, certificates }: { copy: { xml: string; fetchedAt: number }; certificates: readonly string[] },
  { copies, isDryRun, onStore }: RefreshContext,
): Promise<string> {
  if (isDryRun) return '  not stored (dry run)';
  if (!copies) return '  not stored: the store is memory, so restart the broker to read it now';
  await onStore?.(idp.id, certificates);
  await copies.keep(idp.id, url, copy);
  return '  stored: running processes take it up within a minute';
}

function describeMetadata(idp: string, metadata: IdpMetadata, now: Date): string[] {
  const { entityId, ssoRedirectUrl, ssoPostUrl, sloRedirectUrl, signingCertificates, warnings } = metadata;
  const certificates = signingCertificates.map(
    (pem): WatchedCertificate => ({ use: 'idp-signing', idp, ...certificateFacts(pem) }),
  );
  return [
    `  entityID ${entityId}`,
    `  sign-in ${ssoRedirectUrl ?? `${ssoPostUrl} (HTTP-POST)`}`,
    `  logout ${sloRedirectUrl ?? 'none'}`,
    `  ${describeValidity(metadata)}`,
    ...certificates.map((each) => `  ${describeCertificate(each, now)}`),
    ...warnings.map((each) => `  WARNING: ${each}`),
  ];
}

function describeChange(change: MetadataChange | undefined): string[] {
  if (!change) return ['  unchanged'];
  return [
    ...change.addedCertificates.map((fingerprint) => `  CHANGED: new certificate ${fingerprint}`),
    ...change.removedCertificates.map((fingerprint) => `  CHANGED: certificate gone ${fingerprint}`),
    ...Object.entries(change.changed).map(
      ([name, value]) => `  CHANGED: ${name} is now ${value === '' ? 'none' : value}`,
    ),
  ];
}
