// Wires an index of what a logout of an identity provider can mean.
import type { IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import { createNamedSessions, type NamedSessions } from '../broker/sign-in/named-sessions.ts';
import type { Config } from '../config/config.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import type { Storage } from './stores.ts';

export function namedSessions(
  purpose: string,
  { serviceProvider: { entityId } }: Config,
  storage: Storage,
  idps: IdpDirectory,
): NamedSessions {
  return createNamedSessions({
    idps,
    spEntityId: entityId,
    index: createHashedIndex(purpose, storage.keyValue, storage.sealer),
    names: createSharedRecords(`${purpose}-names`, storage),
  });
}
