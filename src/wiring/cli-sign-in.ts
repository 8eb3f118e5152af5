// Wires the sign-in of the command line: its grants, and the authorization server over them.
import type { Audit } from '../audit/events.ts';
import { createGrants, grantShape } from '../broker/grants/grants.ts';
import type { SessionIndex } from '../broker/sign-in/session-index.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Services } from '../http/context.ts';
import type { Logger } from '../log.ts';
import { createAuthorizationServer } from '../oauth/authorization-server.ts';
import { requestOriginShape } from '../oauth/exchange.ts';
import type { RandomBytes } from '../random.ts';
import { createBearerRecords } from '../store/bearer-records.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { createSharedRecords } from '../store/shared-records.ts';

export interface CliSignInWorld {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly keyValue: KeyValue;
  readonly audit: Audit;
  readonly sessionIndex: SessionIndex;
}

export function createCliSignIn(
  config: Config,
  world: CliSignInWorld,
): Pick<Services, 'grants' | 'authorizationServer'> {
  const { clock, random, keyValue, sessionIndex } = world;
  const { secrets } = config.session;
  const grants = createGrants({
    records: createBearerRecords('grant', grantShape, { keyValue, random }),
    summaries: createSharedRecords('grant-summary', { keyValue, secrets, random }),
    byPerson: createHashedIndex('grants-by-person', keyValue, secrets),
    byLogout: createHashedIndex('grants-by-logout', keyValue, secrets),
    sessionIndex,
    clock,
    random,
  });
  const pendingRequests = createOneTimeStore('oauth-asked', requestOriginShape, { keyValue, random });
  const authorizationServer = config.cliSignIn.enabled
    ? createAuthorizationServer({ ...world, config, grants, pendingRequests })
    : undefined;
  return { grants, authorizationServer };
}
