// What follows from one configuration: the use cases and the public app. A reload makes another application over what the
// process keeps, and requests that run finish in the one where they began.
import type { Express } from 'express';
import { z } from 'zod';
import { identityHints } from '../access/identity-hints.ts';
import type { Identity } from '../access/model.ts';
import type { Audit } from '../audit/events.ts';
import { signinEndpoint } from '../aws/partitions.ts';
import type { Activity } from '../broker/activity/activity.ts';
import type { ConfigHistory } from '../broker/config-status.ts';
import { createConsole } from '../broker/credentials/console.ts';
import { createCredentials } from '../broker/credentials/credentials.ts';
import type { IdpResponses } from '../broker/credentials/idp-response.ts';
import type { RoleMaxima } from '../broker/credentials/session-duration.ts';
import { createIdpDirectory, type IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import { createKeyHistory } from '../broker/idp-metadata/key-history.ts';
import { createTimers } from '../broker/idp-metadata/timers.ts';
import { createLogout, pendingLogoutShape } from '../broker/logout/logout.ts';
import { createOidcLogout } from '../broker/logout/oidc-logout.ts';
import { createSingleLogout } from '../broker/logout/single-logout.ts';
import type { Preferences } from '../broker/preferences.ts';
import type { Refusals } from '../broker/refusals.ts';
import type { SessionDirectory } from '../broker/session-directory.ts';
import { createAdmission } from '../broker/sign-in/admission.ts';
import { createSignIn } from '../broker/sign-in/complete-sign-in.ts';
import { createOidcSignIn } from '../broker/sign-in/oidc-sign-in.ts';
import { createSessionOpener } from '../broker/sign-in/open-session.ts';
import type { ReferenceCheck } from '../broker/sign-in/reference-check.ts';
import { createSessionIndex, type SessionIndex } from '../broker/sign-in/session-index.ts';
import type { SessionStore } from '../broker/sign-in/session-store.ts';
import { pendingSamlSignInShape } from '../broker/sign-in/start-sign-in.ts';
import type { Config } from '../config/config.ts';
import { createApp } from '../http/app.ts';
import type { Services } from '../http/context.ts';
import type { StartRequest } from '../http/middleware/request-time.ts';
import { createPageContext } from '../http/page/page-context.ts';
import { createReturnCookies } from '../http/sign-in/return-cookies.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { traced } from '../tracing.ts';
import { createCliSignIn } from './cli-sign-in.ts';
import type { World } from './compose.ts';
import { type AwsClients, createMinting, createModes, createStoredResponses } from './federation.ts';
import type { Limits } from './limits.ts';
import { namedSessions } from './named-sessions.ts';
import { createOffboardingParts } from './offboarding.ts';
import { createOidcParts } from './oidc.ts';
import { publishMetadata, sloUrlOf } from './published-metadata.ts';
import { credentialRegister, idpKeys, metadataCopies, type SessionRecords, type Storage } from './stores.ts';

/** What a process keeps whatever its configuration becomes: connections, counters, and the records of all processes. */
export interface Kept extends World {
  readonly storage: Storage;
  readonly audit: Audit;
  readonly refusals: Refusals;
  readonly activity: Activity;
  readonly reference: ReferenceCheck;
  readonly limits: Limits;
  readonly awsClients: AwsClients;
  readonly roleMaxima: RoleMaxima;
  readonly records: SessionRecords;
  readonly sessionDirectory: SessionDirectory;
  readonly preferences: Preferences;
  readonly startRequest: StartRequest;
  readonly configHistory: ConfigHistory;
}

export interface Application {
  readonly config: Config;
  readonly app: Express;
  readonly idps: IdpDirectory;
}

/** @param idps of these identity providers, where they are read already */
export function createApplication(config: Config, kept: Kept, idps = createIdps(config, kept)): Application {
  return { config, idps, app: createApp(createServices(config, kept, idps)) };
}

function createServices(config: Config, kept: Kept, idps: IdpDirectory): Services {
  const { clock, random, log, storage, audit, limits, reference, preferences, sessionDirectory, refusals, activity } =
    kept;
  const { sessions, grantRecords } = kept.records;
  const oidc = createOidcParts(config, clock, storage);
  const sessionIndex = indexSessions(config, storage, { ...oidc, idps, sessions });
  const { absoluteTimeoutMs, idleTimeoutMs } = config.session;
  const { inOrder } = storage.keyValue;
  const admits = createAdmission(config);
  const { keptOut, offboarding } = createOffboardingParts(config, kept);
  const hintsOf = (identity: Identity) => identityHints(identity, config.policy);
  const opener = createSessionOpener({
    ...{ sessions, sessionIndex, audit, log, hintsOf, clock, random, inOrder, idleTimeoutMs, admits, keptOut },
  });
  const idpResponses = createStoredResponses(config, kept.random, storage);
  const cliSignIn = createCliSignIn(config, { ...kept, grantRecords, idps, admits, keptOut });
  const { grants } = cliSignIn;
  const shared = {
    ...{ idps, opener, sessionIndex, audit, log, clock, random, absoluteTimeoutMs },
    claimNames: config.claimNames,
  };
  const samlOnly = {
    idpResponses: config.policy.forward ? idpResponses : undefined,
    serviceProvider: serviceProvider(config),
  };
  const signIn = createSignIn({
    ...shared,
    ...samlOnly,
    reference,
    endCliSessions: ({ identity }) => grants.endOf(identity),
    pendingSignIns: createOneTimeStore('login', pendingSamlSignInShape, storage),
    assertionIds: createOneTimeStore('assertion', z.never(), storage),
  });
  const oidcLogout = createOidcLogout({ ...shared, ...oidc, sessions, grants });
  const logouts = createOneTimeStore('logout', pendingLogoutShape, storage);
  const logoutDeps = { ...shared, ...samlOnly, grants, oidcLogout, logouts };
  return {
    ...{ config, clock, random, log, idps, sessions, admits, audit, refusals, activity, preferences, sessionDirectory },
    credentialRegister: credentialRegister(storage),
    startRequest: kept.startRequest,
    tracing: kept.tracing,
    configStatus: kept.configHistory.status,
    requestLimiter: limits.requestLimiter(),
    returnCookies: createReturnCookies(storage.sealer, kept, config),
    signIn: traced(kept.tracing, 'sign-in', signIn, ['start', 'complete']),
    oidcSignIn: traced(kept.tracing, 'sign-in', createOidcSignIn({ ...shared, ...oidc }), ['start', 'complete']),
    logout: createLogout(logoutDeps),
    oidcLogout,
    offboarding,
    singleLogout: createSingleLogout(logoutDeps),
    ...cliSignIn,
    pageContext: createPageContext(config, clock),
    ...createAwsAccess(config, kept, idpResponses),
    metadata: publishMetadata(config, clock),
  };
}

function serviceProvider({ serviceProvider: { entityId, signing, encryption }, acsUrl, baseUrl }: Config) {
  const decryptionKeys = encryption.map((pair) => pair.privateKey);
  return { entityId, acsUrl, sloUrl: sloUrlOf(baseUrl), signing, decryptionKeys };
}

interface IndexedSessions extends ReturnType<typeof createOidcParts> {
  readonly idps: IdpDirectory;
  readonly sessions: SessionStore;
}

function indexSessions(config: Config, storage: Storage, { idps, ...indexed }: IndexedSessions): SessionIndex {
  return createSessionIndex({
    ...indexed,
    openSessions: namedSessions('open-sessions', config, storage, idps),
    pastLogouts: createHashedIndex('past-logouts', storage.keyValue, storage.sealer),
  });
}

/** Reads nothing before its start. */
export function createIdps(config: Config, kept: Kept): IdpDirectory {
  const { clock, random, log, fetch, storage, audit } = kept;
  const copies = metadataCopies(storage);
  const requireHttps = config.mode === 'production';
  const timers = kept.timers ?? createTimers();
  const keyHistory = createKeyHistory({ records: idpKeys(storage), audit, log });
  const deps = { log, fetch, clock, random, audit, copies, keyHistory, requireHttps, timers };
  return createIdpDirectory(config.samlProviders, deps);
}

function createAwsAccess(config: Config, kept: Kept, idpResponses: IdpResponses) {
  const { aws, policy, baseUrl, identityProviders } = config;
  const { partition, fallbackRegions } = aws;
  const { audit, clock, preferences, agent, roleMaxima, awsClients } = kept;
  const register = credentialRegister(kept.storage);
  const limiter = kept.limits.credentialLimiter();
  const shared = { primaryIdp: identityProviders[0]!.id, preferences, register, audit, clock, limiter };
  const issuing = createCredentials({
    ...shared,
    modes: createModes(config, awsClients, kept.random, idpResponses),
    roleMaxima,
  });
  const credentials = traced(kept.tracing, 'credentials', issuing, ['issue']);
  const console = createConsole({
    ...shared,
    credentials,
    minting: createMinting(config, kept.random),
    partition,
    defaultRegion: policy.region,
    fallbackRegions,
    signinEndpointOf: (region) => aws.endpoints.signin ?? signinEndpoint(partition, region),
    portalUrl: `${baseUrl}/`,
    agent,
  });
  return { credentials, console };
}
