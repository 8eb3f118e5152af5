// The service provider's part of the configuration: its keys, and what its metadata says about the people behind it.
import type { Config } from './config.ts';
import { readCertificate } from './identity-provider.ts';
import { type LoadContext, loadKeyPair } from './keys.ts';
import type { RawConfig } from './schema.ts';

export function resolveServiceProvider(
  raw: RawConfig['serviceProvider'],
  context: LoadContext,
): Config['serviceProvider'] {
  const { entityId, signing, encryption, nextSigning, metadata, contact, organization } = raw;
  const path = 'serviceProvider';
  if (metadata.signed && !signing) context.problems.push(`${path}.metadata.signed: needs ${path}.signing`);
  return {
    entityId,
    signing: signing && loadKeyPair(signing, `${path}.signing`, context),
    nextSigning: nextSigning.flatMap((next, i) => loadNext(next, `${path}.nextSigning[${i}]`, context) ?? []),
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
