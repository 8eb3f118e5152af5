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
import { createSignIn } from '../broker/sign-in/complete-sign-in.ts';
import { createOidcSignIn, type OidcProvider, pendingOidcSignInShape } from '../broker/sign-in/oidc-sign-in.ts';
import { createSessionOpener } from '../broker/sign-in/open-session.ts';
import type { ReferenceCheck } from '../broker/sign-in/reference-check.ts';
import { createSessionIndex, type SessionIndex } from '../broker/sign-in/session-index.ts';
import { pendingSamlSignInShape } from '../broker/sign-in/start-sign-in.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createApp } from '../http/app.ts';
import type { Services } from '../http/context.ts';
import { addCertificateGauge, createMetrics, createOperationsApp } from '../http/operations.ts';
import { createPageContext } from '../http/page/page-context.ts';
import type { Logger } from '../log.ts';
import { createRelyingParty } from '../oidc/relying-party.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import type { KeyValue } from '../store/key-value.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { createSessionStore, type SessionStore } from '../store/session.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import { createAudit, createRefusedRequests } from './audit.ts';
import { createCliSignIn } from './cli-sign-in.ts';
import { createMinting, createModes, createStoredResponses, createStoredRoleMaxima } from './federation.ts';
import { createLimits, createSummaries, type Limits } from './limits.ts';
import { publishMetadata, sloUrlOf } from './published-metadata.ts';
import { createReference } from './reference.ts';
import { createKeyValue, idpKeys, metadataCopies } from './stores.ts';

/** What is different in a test: time, randomness, where lines go, how hosts are reached. */
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
  readonly app: Express;
  readonly operations: Express;
  /** Reads metadata from URLs and checks the store. @throws BrokerError store_unavailable */
  start(): Promise<void>;
  /** From now on not ready. */
  drain(): void;
  close(): Promise<void>;
}

export function compose(config: Config, world: World): Broker {
  const keyValue = createKeyValue(config, world);
  const { registry, counted } = createMetrics();
  const refusals = createRefusedRequests(config, world, keyValue);
  const summaries = createSummaries(config, refusals.remembered(createAudit(config, world)), world);
  const audit = counted(summaries);
  const limits = createLimits(config, world, { keyValue, summaries });
  const reference = createReference(config, { ...world, keyValue, audit, registry });
  const services = {
    ...createServices(config, world, { keyValue, audit, reference: reference.check, limits }),
    audit,
    refusals,
    requestLimiter: limits.requestLimiter,
  };
  const certificates = () => watchedCertificates(config, (idp) => services.idps.metadataOf(idp));
  addCertificateGauge(registry, world.clock.now, certificates);
  const certificateWatch = createCertificateWatch(certificates, world);
  let draining = false;
  return {
    app: createApp(services),
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

function createServices(
  config: Config,
  world: World,
  {
    keyValue,
    audit,
    reference,
    limits,
  }: { keyValue: KeyValue; audit: Audit; reference: ReferenceCheck; limits: Limits },
): Omit<Services, 'audit' | 'refusals' | 'requestLimiter'> {
  const { clock, random, log } = world;
  const idps = createIdps(config, world, keyValue, audit);
  const sessions = createSessionStore(keyValue, random);
  const sessionIndex = indexSessions(config, keyValue, idps, sessions);
  const { absoluteTimeoutMs, secrets } = config.session;
  const opener = createSessionOpener({ sessions, sessionIndex, audit, clock });
  const idpResponses = createStoredResponses(config, world, keyValue);
  const cliSignIn = createCliSignIn(config, { ...world, keyValue, audit, sessionIndex });
  const shared = { idps, opener, sessionIndex, audit, clock, random, claimNames: config.claimNames, absoluteTimeoutMs };
  const samlOnly = {
    idpResponses: config.policy.forward ? idpResponses : undefined,
    serviceProvider: serviceProvider(config),
  };
  const logoutDeps = {
    ...shared,
    ...samlOnly,
    grants: cliSignIn.grants,
    logouts: createOneTimeStore('logout', pendingLogoutShape, { keyValue, random }),
  };
  const preferenceRecords = createSharedRecords('preferences', { keyValue, secrets, random });
  const preferences = createPreferences({ records: preferenceRecords, clock, log });
  return {
    config,
    clock,
    random,
    log,
    idps,
    sessions,
    signIn: createSignIn({
      ...shared,
      ...samlOnly,
      reference,
      endCliSessions: ({ identity }) => cliSignIn.grants.endOf(identity),
      pendingSignIns: createOneTimeStore('login', pendingSamlSignInShape, { keyValue, random }),
      assertionIds: createOneTimeStore('assertion', z.never(), { keyValue, random }),
    }),
    oidcSignIn: createOidcSignIn({
      ...shared,
      providers: oidcProviders(config, world),
      pendingSignIns: createOneTimeStore('openid-login', pendingOidcSignInShape, { keyValue, random }),
    }),
    logout: createLogout(logoutDeps),
    singleLogout: createSingleLogout(logoutDeps),
    ...cliSignIn,
    preferences,
    pageContext: createPageContext(config, clock),
    ...createAwsAccess(config, { ...world, ...limits, keyValue, audit, idpResponses, preferences }),
    metadata: publishMetadata(config, clock),
  };
}

function serviceProvider({ serviceProvider: { entityId, signing, encryption }, acsUrl, baseUrl }: Config) {
  const decryptionKeys = encryption.map((pair) => pair.privateKey);
  return { entityId, acsUrl, sloUrl: sloUrlOf({ baseUrl }), signingKey: signing?.privateKey, decryptionKeys };
}

function oidcProviders({ oidcProviders, baseUrl }: Config, { clock, fetch }: World): ReadonlyMap<string, OidcProvider> {
  return new Map(
    oidcProviders.map((config) => {
      // RFC 9700 §4.4.2.2: one address for each provider, so that none gets a code of another.
      const redirectUri = `${baseUrl}/openid/callback/${config.id}`;
      const party = createRelyingParty({ ...config, redirectUri }, { clock, fetch });
      return [config.id, { config, party }];
    }),
  );
}

function indexSessions(
  { serviceProvider: { entityId }, session: { secrets } }: Config,
  keyValue: KeyValue,
  idps: IdpDirectory,
  sessions: SessionStore,
): SessionIndex {
  return createSessionIndex({
    idps,
    sessions,
    spEntityId: entityId,
    openSessions: createHashedIndex('open-sessions', keyValue, secrets),
    pastLogouts: createHashedIndex('past-logouts', keyValue, secrets),
  });
}

function createIdps(config: Config, world: World, keyValue: KeyValue, audit: Audit): IdpDirectory {
  const { clock, random, log, fetch } = world;
  const copies = metadataCopies(config, world, keyValue);
  const requireHttps = config.mode === 'production';
  const timers = world.timers ?? createTimers();
  const keyHistory = createKeyHistory({ records: idpKeys(config, world, keyValue), audit, log });
  const deps = { log, fetch, clock, random, audit, copies, keyHistory, requireHttps, timers };
  return createIdpDirectory(config.samlProviders, deps);
}

interface AwsAccessWorld extends World, Pick<Limits, 'credentialLimiter'> {
  readonly keyValue: KeyValue;
  readonly audit: Audit;
  readonly idpResponses: IdpResponses;
  readonly preferences: Preferences;
}

function createAwsAccess(config: Config, world: AwsAccessWorld): Pick<Services, 'credentials' | 'console'> {
  const { aws, policy, baseUrl, identityProviders } = config;
  const { partition, fallbackRegions } = aws;
  const { audit, clock, preferences, agent, credentialLimiter: limiter } = world;
  const shared = { primaryIdp: identityProviders[0]!.id, preferences, audit, clock, limiter };
  const roleMaxima = createStoredRoleMaxima(config, world, world.keyValue);
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
