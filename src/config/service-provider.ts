// The service provider's part of the configuration: its keys, and what its metadata says about the people behind it.
import { readCertificate } from './identity-provider.ts';
import { type LoadContext, loadKeyPair } from './keys.ts';
import type { ConfigFile } from './schema.ts';
import { type KmsDefaults, loadSigningPair } from './signing-keys.ts';

export function resolveServiceProvider(section: ConfigFile['serviceProvider'], context: LoadContext, kms: KmsDefaults) {
  const { entityId, signing, encryption, nextSigning, metadata, contact, organization } = section;
  const path = 'serviceProvider';
  if (metadata.signed && !signing) context.problems.push(`${path}.metadata.signed: needs ${path}.signing`);
  return {
    entityId,
    signing: signing && loadSigningPair(signing, `${path}.signing`, context, kms),
    /** PEM: published beside the key in use, before they take its place. */
    nextSigning: nextSigning.flatMap((next, i) => loadNext(next, `${path}.nextSigning[${i}]`, context) ?? []),
    /** Keys for encrypted assertions: the first is published, the second may still be in use at an IdP. */
    encryption: encryption.flatMap((pair, i) => loadKeyPair(pair, `${path}.encryption[${i}]`, context) ?? []),
    metadata: { isSigned: metadata.signed, validForMs: metadata.validFor },
    contact,
    organization,
  };
}

// A key that is there already must fit; only the certificate is needed before the change.
function loadNext(next: { key?: string | undefined; cert: string }, path: string, context: LoadContext) {
  if (next.key === undefined) return readCertificate(next.cert, `${path}.cert`, context);
  return loadKeyPair({ key: next.key, cert: next.cert }, path, context)?.certificate;
}
