// What differs between two states of one identity provider's metadata, as the audit trail and an operator want to read it.
import { certificateFacts } from '../../saml/metadata/certificate.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';

export interface MetadataChange {
  /** SHA-256 fingerprints of signing certificates. */
  readonly addedCertificates: readonly string[];
  readonly removedCertificates: readonly string[];
  /** New values of what else we use, by name; empty for what is gone. */
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

export function fingerprints(metadata: IdpMetadata): string[] {
  return metadata.signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
}

function usedValues(metadata: IdpMetadata): Record<string, string> {
  const { entityId, ssoRedirectUrl, sloRedirectUrl, sloResponseUrl } = metadata;
  return { entityId, ssoRedirectUrl, sloRedirectUrl: sloRedirectUrl ?? '', sloResponseUrl: sloResponseUrl ?? '' };
}
