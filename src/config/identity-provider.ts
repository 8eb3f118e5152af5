// One identity provider of the configuration: its file and pinned key are read, and judged by the rules that refreshes
// are judged by.
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { BrokerError } from '../errors.ts';
import { acceptMetadata, type MetadataRules } from '../saml/metadata/accept-metadata.ts';
import { weakness } from '../saml/metadata/certificate.ts';
import { decodeMetadata } from '../saml/metadata/decode-metadata.ts';
import { isAuthority } from '../saml/metadata/descriptor-key.ts';
import type { IdpMetadata } from '../saml/metadata/idp-metadata.ts';
import { type LoadContext, readTrusted } from './keys.ts';
import type { ConfigFile } from './schema.ts';

type Section = ConfigFile['identityProviders'][number];

export type IdentityProvider = Readonly<ReturnType<typeof resolveIdp>>;

/** Those that speak SAML; conflicts between them are added to the problems. */
export function resolveIdentityProviders(sections: readonly Section[], context: LoadContext): IdentityProvider[] {
  const { problems } = context;
  if (new Set(sections.map(({ id }) => id)).size < sections.length)
    problems.push('identityProviders: two have the same id');
  const resolved = sections.flatMap(({ metadata, ...idp }, i) =>
    metadata ? [resolveIdp(idp, metadata, `identityProviders[${i}]`, context)] : [],
  );
  resolved.forEach((idp, index) => {
    const same = resolved.slice(0, index).find((other) => {
      // Of two with one entityID it would be a matter of chance whose rules an unsolicited response is judged by. Those that
      // come from addresses are compared again when they are read.
      if (idp.metadata && other.metadata) return idp.metadata.entityId === other.metadata.entityId;
      const [a, b] = [idp.metadataSource, other.metadataSource];
      return a.url !== undefined && a.url === b.url && a.rules.entityId === b.rules.entityId;
    });
    const place = sections.findIndex(({ id }) => id === idp.id);
    if (same) problems.push(`identityProviders[${place}].metadata: is the same identity provider as ${same.id}`);
  });
  return resolved;
}

function resolveIdp(
  { id, label, want, unsolicited, clockSkew, trustAuthnInstant, attributes }: Omit<Section, 'metadata'>,
  source: NonNullable<Section['metadata']>,
  path: string,
  context: LoadContext,
) {
  const { file, url, refresh, entityId, requireValidUntil, maxValidity, signingCertificate: pinned } = source;
  if ((file === undefined) === (url === undefined)) context.problems.push(`${path}.metadata: give either file or url`);
  if (!want.assertionsSigned && !want.responseSigned)
    context.problems.push(`${path}.want: one of the two must be signed`);
  const keyPath = `${path}.metadata.signingCertificate`;
  const isIgnored = context.ignoresIdpMetadata === true;
  const signingCertificates =
    pinned === undefined || isIgnored ? undefined : readCertificates(pinned, keyPath, context);
  const rules: MetadataRules = { entityId, signingCertificates, requireValidUntil, maxValidityMs: maxValidity };
  const isPinMissing = signingCertificates?.length === 0;
  return {
    id,
    label,
    /** From a file. Undefined where it comes from a URL, and where the file is out of date. */
    metadata:
      file === undefined || isPinMissing || isIgnored
        ? undefined
        : readMetadata(file, rules, `${path}.metadata.file`, context),
    /** Where metadata comes from (one of file and url), and the rules by which it is accepted. */
    metadataSource: { file: file && resolve(context.directory, file), url, refreshMs: refresh, rules },
    unsolicited,
    wantAssertionsSigned: want.assertionsSigned,
    wantResponseSigned: want.responseSigned,
    clockSkewMs: clockSkew,
    trustAuthnInstant,
    attributes,
  };
}

function readMetadata(file: string, rules: MetadataRules, path: string, context: LoadContext): IdpMetadata | undefined {
  const xml = readTrusted(file, path, context, decodeMetadata);
  if (xml === undefined) return undefined;
  try {
    return acceptMetadata(xml, rules, context.now);
  } catch (error) {
    // Out of date is the state of one identity provider, which a restart must not make the state of all.
    const isOutOfDate = error instanceof BrokerError && error.reason === 'expired';
    if (!isOutOfDate) context.problems.push(`${path}: ${(error as Error).message}`);
    return undefined;
  }
}

/** The first certificate of a PEM file whose key may verify SAML signatures. */
export function readCertificate(file: string, path: string, context: LoadContext): string | undefined {
  return readCertificates(file, path, context)[0];
}

/** All of them; none after adding to the problems. */
function readCertificates(file: string, path: string, context: LoadContext): string[] {
  const text = readTrusted(file, path, context);
  if (text === undefined) return [];
  try {
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [text];
    const parsed = blocks.map((block) => new X509Certificate(block));
    const certificates = parsed.map(String);
    const problem = certificates.map(weakness).find((each) => each !== undefined);
    if (problem !== undefined) context.problems.push(`${path}: ${problem}`);
    // Every key of the file counts; the holder of the authority's key must not be able to sign as the one it certified.
    const authority = parsed.find((each) => isAuthority(each, parsed));
    if (authority) {
      const name = authority.subject.replaceAll('\n', ', ');
      context.problems.push(
        `${path}: ${file} contains the authority ${name}: leave it out, keep the certificates that sign`,
      );
    }
    return certificates;
  } catch {
    context.problems.push(`${path}: ${file} is not a PEM certificate`);
    return [];
  }
}
