// How long metadata is valid, for `check` and `metadata refresh`.
import type { IdentityProvider } from '../config/config.ts';
import { hasEnd } from '../saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../saml/metadata/idp-metadata.ts';

const dayMs = 86_400_000;
const warnMs = 30 * dayMs;

export function describeValidity(metadata: IdpMetadata): string {
  return `valid until ${hasEnd(metadata) ? metadata.validUntil!.toISOString() : 'further notice'}`;
}

/** One line for each fact about the metadata of one identity provider that `check` can know without the network. */
export function describeIdpMetadata({ id, metadata, metadataSource }: IdentityProvider, now: Date): string[] {
  const { url, refreshMs } = metadataSource;
  if (url !== undefined) {
    const hours = Math.round(refreshMs / 360_000) / 10;
    return [`metadata of ${id}: from ${url}, read every ${hours} hours (see: metadata refresh --dry-run)`];
  }
  // A file that is invalid for another reason is a problem of the configuration.
  if (!metadata) return [`WARNING: the metadata of ${id} is out of date: sign-in with it is refused`];
  const leftMs = (metadata.validUntil?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
  const ends =
    leftMs < warnMs ? `  WARNING: expires in ${Math.floor(leftMs / dayMs)} days; replace the file before` : '';
  return [
    `metadata of ${id}: ${describeValidity(metadata)}${ends}`,
    ...metadata.warnings.map((warning) => `WARNING: the metadata of ${id}: ${warning}`),
  ];
}
