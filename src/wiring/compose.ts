// Wires everything by hand: configuration and the outside world in, two Express apps out.
import type { Agent } from 'node:https';
import type { Writable } from 'node:stream';
import type { Express } from 'express';
import { z } from 'zod';
import type { Audit } from '../audit/events.ts';
import { signinEndpoint } from '../aws/partitions.ts';
import { createConsole } from '../broker/credentials/console.ts';
import { createCredentials } from '../broker/credentials/credentials.ts';
import type { IdpResponses } from '../broker/credentials/idp-response.ts';
import { createCertificateWatch, watchedCertificates } from '../broker/idp-metadata/certificate-watch.ts';
import { createIdpDirectory, type IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import { createKeyHistory } from '../broker/idp-metadata/key-history.ts';
import { createTimers, type Timers } from '../broker/idp-metadata/timers.ts';
import { createLogout, pendingLogoutShape } from '../broker/logout/logout.ts';
import { createSingleLogout } from '../broker/logout/single-logout.ts';
import { createPreferences, type Preferences } from '../broker/preferences.ts';
import { createSessionDirectory, type SessionDirectory } from '../broker/session-directory.ts';
import { createSignIn } from '../broker/sign-in/complete-sign-in.ts';
import { createOidcSignIn, pendingOidcSignInShape } from '../broker/sign-in/oidc-sign-in.ts';
import { createSessionOpener } from '../broker/sign-in/open-session.ts';
import type { ReferenceCheck } from '../broker/sign-in/reference-check.ts';
import { createSessionIndex, type SessionIndex } from '../broker/sign-in/session-index.ts';
import type { SessionStore } from '../broker/sign-in/session-store.ts';
import { pendingSamlSignInShape } from '../broker/sign-in/start-sign-in.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createApp } from '../http/app.ts';
import type { Services } from '../http/context.ts';
import { createOperationsApp } from '../http/operations.ts';
import { createPageContext } from '../http/page/page-context.ts';
import { createReturnCookies } from '../http/sign-in/return-cookies.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import { addAges } from './ages.ts';
import { createAudit, createRefusedRequests } from './audit.ts';
import { createCliSignIn } from './cli-sign-in.ts';
import { createMinting, createModes, createStoredResponses, createStoredRoleMaxima } from './federation.ts';
import { createLimits, createSummaries, type Limits } from './limits.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { namedSessions } from './named-sessions.ts';
import { oidcProviders } from './oidc-providers.ts';
import { publishMetadata, sloUrlOf } from './published-metadata.ts';
import { createReference } from './reference.ts';
import { createSessionRecords, createStorage, idpKeys, metadataCopies, type Storage } from './stores.ts';

/** The parts that a test replaces: time, randomness, where lines go, how hosts are reached. */
export interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  /** Where audit lines go when the configuration says stdout. */
  readonly auditStream: Writable;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined: the system's. */
  readonly timers?: Timers | undefined;
  /** For every https call to AWS. */
  readonly agent?: Agent | undefined;
}

export interface Broker {
  readonly sessionDirectory: SessionDirectory;
  readonly app: Express;
  readonly operations: Express;
  /** Reads metadata from URLs and checks the store. @throws BrokerError store_unavailable */
  start(): Promise<void>;
  /** From now on not ready. */
  drain(): void;
  close(): Promise<void>;
}

export function compose(config: Config, world: World): Broker {
  const metrics = createMetrics(config.identityProviders.map(({ id }) => id));
  const { registry, counted, startRequest } = metrics;
  const storage = createStorage(config, world, metrics.timedStore);
  const { keyValue } = storage;
  const refusals = createRefusedRequests(world, storage);
  const summaries = createSummaries(config, refusals.remembered(createAudit(config, world)), world);
  const audit = counted(summaries);
  const limits = createLimits(config, world, { keyValue, summaries, limited: metrics.limited });
  const reference = createReference(config, { ...world, storage, audit, registry });
  const services = {
    ...createServices(config, world, { storage, audit, reference: reference.check, limits, metrics }),
    audit,
    startRequest,
    refusals,
    requestLimiter: limits.requestLimiter,
  };
  const certificates = () => watchedCertificates(config, (idp) => services.idps.metadataOf(idp));
  addAges(registry, { now: world.clock.now, certificates, idps: services.idps });
  const certificateWatch = createCertificateWatch(certificates, world);
  let draining = false;
  return {
    app: createApp(services),
    sessionDirectory: services.sessionDirectory,
    operations: createOperationsApp({
      checkStore: () => keyValue.check(),
      isDraining: () => draining,
      registry,
      log: world.log,
    }),
    start: async () => {
      await keyValue.check();
      await services.idps.start();
      certificateWatch.start();
      limits.start();
    },
    drain: () => {
      draining = true;
    },
    close: async () => {
      services.idps.stop();
      certificateWatch.stop();
      await reference.close();
      await limits.close();
      await keyValue.close();
    },
  };
}

interface Shared {
  readonly storage: Storage;
  readonly audit: Audit;
  readonly reference: ReferenceCheck;
  readonly limits: Limits;
  readonly metrics: Metrics;
}

function createServices(
  config: Config,
  world: World,
  { storage, audit, reference, limits, metrics }: Shared,
): Omit<Services, 'audit' | 'refusals' | 'requestLimiter' | 'startRequest'> {
  const { clock, random, log } = world;
  const idps = createIdps(config, world, storage, audit);
  const { entries, sessions, grantRecords } = createSessionRecords(storage);
  const sessionIndex = indexSessions(config, storage, idps, sessions);
  const { absoluteTimeoutMs, idleTimeoutMs } = config.session;
  const { inOrder } = storage.keyValue;
  const opener = createSessionOpener({ sessions, sessionIndex, audit, clock, random, inOrder, idleTimeoutMs });
  const idpResponses = createStoredResponses(config, world, storage);
  const cliSignIn = createCliSignIn(config, { ...world, storage, grantRecords, audit, idps });
  const shared = { idps, opener, sessionIndex, audit, clock, random, claimNames: config.claimNames, absoluteTimeoutMs };
  const samlOnly = {
    idpResponses: config.policy.forward ? idpResponses : undefined,
    serviceProvider: serviceProvider(config),
  };
  const logoutDeps = {
    ...shared,
    ...samlOnly,
    grants: cliSignIn.grants,
    log,
    logouts: createOneTimeStore('logout', pendingLogoutShape, storage),
  };
  const preferenceRecords = createSharedRecords('preferences', storage);
  const preferences = createPreferences({ records: preferenceRecords, clock, log });
  return {
    config,
    clock,
    random,
    log,
    idps,
    sessions,
    returnCookies: createReturnCookies(storage.sealer, world, config),
    sessionDirectory: createSessionDirectory({ entries, records: { browser: sessions, cli: grantRecords }, audit }),
    signIn: createSignIn({
      ...shared,
      ...samlOnly,
      reference,
      endCliSessions: ({ identity }) => cliSignIn.grants.endOf(identity),
      pendingSignIns: createOneTimeStore('login', pendingSamlSignInShape, storage),
      assertionIds: createOneTimeStore('assertion', z.never(), storage),
    }),
    oidcSignIn: createOidcSignIn({
      ...shared,
      log,
      providers: oidcProviders(config, world),
      pendingSignIns: createOneTimeStore('openid-login', pendingOidcSignInShape, storage),
    }),
    logout: createLogout(logoutDeps),
    singleLogout: createSingleLogout(logoutDeps),
    ...cliSignIn,
    preferences,
    pageContext: createPageContext(config, clock),
    ...createAwsAccess(config, { ...world, ...limits, ...metrics, storage, audit, idpResponses, preferences }),
    metadata: publishMetadata(config, clock),
  };
}

function serviceProvider({ serviceProvider: { entityId, signing, encryption }, acsUrl, baseUrl }: Config) {
  const decryptionKeys = encryption.map((pair) => pair.privateKey);
  const keys = { signingKey: signing?.privateKey, signingCertificate: signing?.certificate, decryptionKeys };
  return { entityId, acsUrl, sloUrl: sloUrlOf({ baseUrl }), ...keys };
}

function indexSessions(config: Config, storage: Storage, idps: IdpDirectory, sessions: SessionStore): SessionIndex {
  return createSessionIndex({
    sessions,
    openSessions: namedSessions('open-sessions', config, storage, idps),
    pastLogouts: createHashedIndex('past-logouts', storage.keyValue, storage.sealer),
  });
}

function createIdps(config: Config, world: World, storage: Storage, audit: Audit): IdpDirectory {
  const { clock, random, log, fetch } = world;
  const copies = metadataCopies(storage);
  const requireHttps = config.mode === 'production';
  const timers = world.timers ?? createTimers();
  const keyHistory = createKeyHistory({ records: idpKeys(storage), audit, log });
  const deps = { log, fetch, clock, random, audit, copies, keyHistory, requireHttps, timers };
  return createIdpDirectory(config.samlProviders, deps);
}

interface AwsAccessWorld extends World, Pick<Limits, 'credentialLimiter'>, Pick<Metrics, 'timedSts'> {
  readonly storage: Storage;
  readonly audit: Audit;
  readonly idpResponses: IdpResponses;
  readonly preferences: Preferences;
}

function createAwsAccess(config: Config, world: AwsAccessWorld): Pick<Services, 'credentials' | 'console'> {
  const { aws, policy, baseUrl, identityProviders } = config;
  const { partition, fallbackRegions } = aws;
  const { audit, clock, preferences, agent, credentialLimiter: limiter } = world;
  const shared = { primaryIdp: identityProviders[0]!.id, preferences, audit, clock, limiter };
  const roleMaxima = createStoredRoleMaxima(world.log, world.storage);
  const credentials = createCredentials({ ...shared, modes: createModes(config, world), roleMaxima });
  const console = createConsole({
    ...shared,
    credentials,
    minting: createMinting(config, world),
    partition,
    defaultRegion: policy.region,
    fallbackRegions,
    signinEndpointOf: (region) => aws.endpoints.signin ?? signinEndpoint(partition, region),
    portalUrl: `${baseUrl}/`,
    agent,
  });
  return { credentials, console };
}
