// Finds what an identity provider's logout means: entries under a NameID, compared as Core §8.3 says and as products write
// them. The index finds candidates by hashes; the NameID itself is sealed.
import { z } from 'zod';
import { nameIdUnspecified } from '../../saml/names.ts';
import type { NameId } from '../../saml/subject.ts';
import { collapseSpace } from '../../saml/xml/xml-characters.ts';
import type { HashedIndex, IndexEntry } from '../../store/hashed-index.ts';
import { inBatches } from '../../store/in-batches.ts';
import type { SharedRecords } from '../../store/shared-records.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import { nameIdShape, type SignedInSession } from './session.ts';

/** Whose sessions, and which. */
export interface LogoutScope {
  /** Id in the configuration. */
  readonly idp: string;
  readonly nameId: NameId;
  /** Undefined: every session of this NameID. */
  readonly sessionIndexes: readonly string[] | undefined;
}

export interface NamedEntry {
  readonly entry: IndexEntry;
  readonly nameId: NameId;
  readonly sessionIndex: string | undefined;
}

export interface NamedSessions {
  add(session: SignedInSession & { readonly nameId: NameId }, handle: string, ttlMs: number): Promise<void>;
  /** What the scope means. With SessionIndexes it reads no other session, however many the person has. */
  find(scope: LogoutScope): Promise<readonly NamedEntry[]>;
  /** What else has this NameID's value. */
  findOthers(scope: LogoutScope): Promise<readonly NamedEntry[]>;
  remove(found: NamedEntry): Promise<void>;
}

/** Of a session to which the identity provider gave no SessionIndex. */
const unlabelled = '';

const nameShape = z.object({ nameId: nameIdShape, sessionIndex: z.string().optional() });

/** Products write one person's value in another case, normal form, and with other white space, in different messages. */
export function subjectOf(idp: string, { value }: NameId): string {
  return JSON.stringify([idp, collapseSpace(value).normalize('NFC').toLowerCase()]);
}

export function createNamedSessions({
  idps,
  spEntityId,
  index,
  names,
}: {
  readonly idps: Pick<IdpDirectory, 'metadataOf'>;
  readonly spEntityId: string;
  readonly index: HashedIndex;
  readonly names: SharedRecords;
}): NamedSessions {
  const read = async (scope: LogoutScope, labels: readonly string[] | undefined) => {
    const entries = await index.find(subjectOf(scope.idp, scope.nameId), labels);
    const named = await inBatches(entries, (entry) => names.read(entry.value, nameShape));
    return named.flatMap((name, i): NamedEntry[] =>
      name ? [{ entry: entries[i]!, nameId: name.nameId, sessionIndex: name.sessionIndex }] : [],
    );
  };
  // A session without SessionIndex may be the one that is meant: one too many ends rather than one too few.
  const isMeant = ({ idp, nameId, sessionIndexes }: LogoutScope, each: NamedEntry) =>
    isSameName(each.nameId, nameId, { issuer: idps.metadataOf(idp)?.entityId, spEntityId }) &&
    (sessionIndexes === undefined || each.sessionIndex === undefined || sessionIndexes.includes(each.sessionIndex));
  return {
    // Both begin before either is awaited (KeyValue.inOrder); the name first, since an entry without it could not be ended.
    add: async ({ identity: { idp }, nameId, sessionIndex }, handle, ttlMs) => {
      await Promise.all([
        names.create(handle, { nameId, sessionIndex }, ttlMs),
        index.add(subjectOf(idp, nameId), { label: sessionIndex ?? unlabelled, value: handle }, ttlMs),
      ]);
    },
    find: async (scope) => {
      const labels = scope.sessionIndexes && [...scope.sessionIndexes, unlabelled];
      return (await read(scope, labels)).filter((each) => isMeant(scope, each));
    },
    findOthers: async (scope) => (await read(scope, undefined)).filter((each) => !isMeant(scope, each)),
    remove: ({ entry }) => index.remove(entry),
  };
}

/** Core §8.3 has these under 1.1; products also write them under 2.0, and one side of them may. */
const formatOf20 =
  /^urn:oasis:names:tc:SAML:2\.0:nameid-format:(unspecified|emailAddress|X509SubjectName|WindowsDomainQualifiedName)$/;

const opaqueFormats = new Set([
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
]);

/**
 * Core §8.3: two Formats that are stated must be equal; unspecified leaves it open. §8.3.7: persistent and transient values
 * are opaque, so their case counts. A qualifier that is left out of the request is any; else the IdP itself, and us.
 */
function isSameName(
  ours: NameId,
  theirs: NameId,
  { issuer, spEntityId }: { readonly issuer: string | undefined; readonly spEntityId: string },
): boolean {
  const formats = [ours, theirs].map(
    ({ format }) => format?.replace(formatOf20, 'urn:oasis:names:tc:SAML:1.1:nameid-format:$1') || nameIdUnspecified,
  );
  const [ourFormat, theirFormat] = formats as [string, string];
  const isOpen = ourFormat === nameIdUnspecified || theirFormat === nameIdUnspecified;
  if (!isOpen && ourFormat !== theirFormat) return false;
  const isOpaque = opaqueFormats.has(ourFormat) || opaqueFormats.has(theirFormat);
  if (isOpaque && ours.value !== theirs.value) return false;
  const qualifies = (own: string | undefined, asked: string | undefined, byDefault: string | undefined) =>
    !asked || asked === (own || byDefault);
  return (
    qualifies(ours.nameQualifier, theirs.nameQualifier, issuer) &&
    qualifies(ours.spNameQualifier, theirs.spNameQualifier, spEntityId)
  );
}
