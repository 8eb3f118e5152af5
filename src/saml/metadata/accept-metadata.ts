// Whether an identity provider's metadata may be believed: signed by the pinned key where one is configured, and not out
// of date. What it says is read in idp-metadata.ts.
import { requireSaml, samlRefusal } from '../../errors.ts';
import { type IdpMetadata, maxMetadataBytes, readIdpMetadata } from './idp-metadata.ts';
import { verifiedMetadata } from './metadata-signature.ts';

export interface MetadataRules {
  /** Picks the entity where the document holds several. */
  readonly entityId: string | undefined;
  /** PEM: one of them must have signed the document. Undefined: TLS or the file system vouches for it. */
  readonly signingCertificates: readonly string[] | undefined;
  /** AD FS and Entra ID publish none, so it is not demanded unasked. */
  readonly requireValidUntil: boolean;
  /** How far ahead validUntil may lie. */
  readonly maxValidityMs: number | undefined;
}

/** @throws BrokerError saml_refused `too_large`, `malformed`, `signature`, `algorithm` or `expired` */
export function acceptMetadata(xml: string, rules: MetadataRules, now: Date): IdpMetadata {
  if (Buffer.byteLength(xml) > maxMetadataBytes) throw samlRefusal('too_large', 'metadata above 2 MiB');
  const believed = rules.signingCertificates === undefined ? xml : verifiedMetadata(xml, rules.signingCertificates);
  const metadata = readIdpMetadata(believed, rules.entityId);
  checkValidity(metadata, rules, now);
  return metadata;
}

/** Whether its validUntil has passed. */
export function isExpired({ validUntil }: IdpMetadata, now: Date): boolean {
  return validUntil !== undefined && validUntil.getTime() <= now.getTime();
}

/** .NET writes its last day for "without end". */
export function hasEnd({ validUntil }: IdpMetadata): boolean {
  return validUntil !== undefined && validUntil.getUTCFullYear() < 9999;
}

// Kantara IIP-MD04: able to refuse metadata without validUntil, past it, or with one too far ahead: an attacker who
// replays an old document would restore a key that was withdrawn.
function checkValidity(metadata: IdpMetadata, rules: MetadataRules, now: Date): void {
  const { validUntil } = metadata;
  requireSaml(hasEnd(metadata) || !rules.requireValidUntil, 'malformed', 'the metadata has no validUntil');
  if (validUntil === undefined) return;
  requireSaml(!isExpired(metadata, now), 'expired', `the metadata was valid until ${validUntil.toISOString()}`);
  const aheadMs = validUntil.getTime() - now.getTime();
  const isFar = rules.maxValidityMs !== undefined && aheadMs > rules.maxValidityMs;
  requireSaml(!isFar, 'malformed', `validUntil ${validUntil.toISOString()} is further ahead than maxValidity`);
}
