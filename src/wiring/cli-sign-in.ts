// Wires the sign-in of the command line: its grants, and the authorization server over them.
import { z } from 'zod';
import type { Audit } from '../audit/events.ts';
import { createGrants, type GrantsDeps } from '../broker/grants/grants.ts';
import type { IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import type { Admits } from '../broker/sign-in/admission.ts';
import type { KeptOut } from '../broker/sign-in/kept-out.ts';
import { createOidcSessions } from '../broker/sign-in/oidc-sessions.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { heldLinkShape } from '../http/console/console-handles.ts';
import type { Logger } from '../log.ts';
import type { AuthorizationServer } from '../oauth/authorization-server.ts';
import { requestOriginShape } from '../oauth/exchange.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { namedSessions } from './named-sessions.ts';
import type { Storage } from './stores.ts';

export interface CliSignInWorld {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly storage: Storage;
  readonly grantRecords: GrantsDeps['records'];
  readonly audit: Audit;
  readonly idps: IdpDirectory;
  readonly admits: Admits;
  readonly keptOut: KeptOut | undefined;
}

export function createCliSignIn(config: Config, world: CliSignInWorld) {
  const { clock, random, storage, grantRecords, idps, admits, keptOut } = world;
  const { keyValue, sealer } = storage;
  const grants = createGrants({
    records: grantRecords,
    byPerson: createHashedIndex('grants-by-person', keyValue, sealer),
    byLogout: namedSessions('grants-by-logout', config, storage, idps),
    byOidcLogout: createOidcSessions(createHashedIndex('grants-by-oidc-logout', keyValue, sealer)),
    clock,
    random,
    admits,
    keptOut,
  });
  const load = async () => {
    const { createAuthorizationServer } = await import('../oauth/authorization-server.ts');
    const pendingRequests = createOneTimeStore('oauth-asked', requestOriginShape, storage);
    const refusals = createOneTimeStore('oauth-refused', z.string(), storage);
    const usedProofs = createOneTimeStore('dpop-proof', z.never(), storage);
    return createAuthorizationServer({ ...world, ...storage, config, grants, pendingRequests, refusals, usedProofs });
  };
  const consoleHandles = createOneTimeStore('console-handle', heldLinkShape, storage);
  return { grants, consoleHandles, authorizationServer: config.cliSignIn.enabled ? loadedOnUse(load) : undefined };
}

/** Its library takes twenty megabytes: only a broker that the command line signs in at needs them. */
function loadedOnUse(load: () => Promise<AuthorizationServer>): AuthorizationServer {
  let loaded: Promise<AuthorizationServer> | undefined;
  const server = () => {
    loaded ??= load();
    return loaded;
  };
  return {
    answer: async (...args) => (await server()).answer(...args),
    pending: async (...args) => (await server()).pending(...args),
    decide: async (...args) => (await server()).decide(...args),
    refusal: async (...args) => (await server()).refusal(...args),
    openToken: async (presented) => (await server()).openToken(presented),
  };
}
