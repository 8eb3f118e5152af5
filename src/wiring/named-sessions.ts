// Wires an index of what a logout of an identity provider can mean.
import type { IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import { createNamedSessions, type NamedSessions } from '../broker/sign-in/named-sessions.ts';
import type { Config } from '../config/config.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createSharedRecords } from '../store/shared-records.ts';

export function namedSessions(
  purpose: string,
  { serviceProvider: { entityId }, session: { secrets } }: Config,
  { keyValue, random, idps }: { keyValue: KeyValue; random: RandomBytes; idps: IdpDirectory },
): NamedSessions {
  return createNamedSessions({
    idps,
    spEntityId: entityId,
    index: createHashedIndex(purpose, keyValue, secrets),
    names: createSharedRecords(`${purpose}-names`, { keyValue, secrets, random }),
  });
}
