// The AWS emulator: STS, sign-in and console on one listener. Owns options, clock and socket; routing is in routes.ts.
import http from 'node:http';
import https from 'node:https';
import type { AdminControls } from './admin.ts';
import type { Estate } from './estate.ts';
import { createEstateSource } from './estate-source.ts';
import type { CloudTrailLikeEvent } from './events.ts';
import { createFaults, createQuotaCounter, type Faults, type Quota } from './faults.ts';
import { createLogGroups } from './logs/log-groups.ts';
import { createMetadataTokens } from './machine/instance-metadata.ts';
import { createComputeSessions } from './machine/machine.ts';
import { createInlinePolicies } from './policy/inline-policies.ts';
import { answer } from './routes.ts';
import { createBuckets } from './s3/s3-objects.ts';
import { consoleLocation } from './signin/console-page.ts';
import { createConsoleSessions } from './signin/console-session.ts';
import { createSigninTokens } from './signin/signin-tokens.ts';
import { createCredentialStore } from './sts/credentials.ts';
import { createMfaCodes } from './sts/mfa.ts';
import type { Strictness, World } from './world.ts';

export type {
  EmulatedAccount,
  EmulatedMfaDevice,
  EmulatedOidcProvider,
  EmulatedRole,
  EmulatedSamlProvider,
  EmulatedUser,
  Estate,
} from './estate.ts';
export type { CloudTrailLikeEvent } from './events.ts';
export type { FaultSettings, Faults } from './faults.ts';

/** How an emulator is set up. */
export interface AwsEmulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** PEM; with it the emulator speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly now: () => Date;
  /** As a function it is asked at every request: for the metadata of a broker that starts later. A changed estate is a new object. */
  readonly estate: Estate | (() => Estate);
  /** The region of requests under a name that is not AWS's; default us-east-1. */
  readonly region?: string;
  readonly strict?: Strictness;
  readonly quota?: Quota;
  /** Names of log groups of CloudWatch Logs that are there already. */
  readonly logGroups?: readonly string[];
  readonly multiSession?: boolean;
  readonly signinTokenSingleUse?: boolean;
  /** How the discovery documents and keys of OIDC providers are read; default the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A running emulator. */
export interface AwsEmulator {
  readonly url: string;
  readonly events: CloudTrailLikeEvent[];
  readonly faults: Faults;
  setEstate(estate: Estate | (() => Estate)): void;
  /** Shifts the emulator's clock against `now`. */
  setClockOffset(seconds: number): void;
  /** Where a login with this Destination ends; undefined when the Destination would be refused. */
  consoleUrlFor(destination: string): string | undefined;
  close(): Promise<void>;
}

/** Starts an emulator. @throws Error when a fixed estate holds what IAM would not have taken */
export async function startAws(options: AwsEmulatorOptions): Promise<AwsEmulator> {
  const region = options.region ?? 'us-east-1';
  const events: CloudTrailLikeEvent[] = [];
  let offsetSeconds = 0;
  const now = (): Date => new Date(options.now().getTime() + offsetSeconds * 1000);
  const estates = createEstateSource(options.estate, { events, now, region });
  const faults = createFaults();
  const world: World = {
    now,
    region,
    estate: estates.current,
    updateSamlProvider: estates.updateSamlProvider,
    strict: options.strict ?? {},
    credentials: createCredentialStore(),
    buckets: createBuckets(estates.current, now),
    logGroups: createLogGroups(options.logGroups ?? []),
    inlinePolicies: createInlinePolicies(),
    computeSessions: createComputeSessions(),
    metadataTokens: createMetadataTokens(),
    mfaCodes: createMfaCodes(),
    fetch: options.fetch ?? globalThis.fetch,
    signinTokens: createSigninTokens(options.signinTokenSingleUse === true),
    consoleSessions: createConsoleSessions(options.multiSession === true),
    events,
    faults,
    countRequest: createQuotaCounter(options.quota),
    secureCookies: options.tls !== undefined,
  };
  const setClockOffset = (seconds: number): void => {
    offsetSeconds = seconds;
  };
  const admin: AdminControls = { events, faults, setClockOffset, clockOffsetSeconds: () => offsetSeconds };
  const server = createServer(options, (request, response) => void answer(world, admin, request, response));
  const url = await listen(server, options);
  return {
    url,
    events,
    faults,
    setClockOffset,
    setEstate: estates.set,
    consoleUrlFor(destination) {
      const location = consoleLocation(destination, world.estate().partition, region);
      return location === undefined ? undefined : url + location;
    },
    close: () => close(server),
  };
}

function createServer(options: AwsEmulatorOptions, listener: http.RequestListener): http.Server | https.Server {
  // Room for more than the 8 KB that F4 allows, so that the refusal is the emulator's and not the parser's.
  const settings = { maxHeaderSize: 131_072, keepAliveTimeout: 65_000 };
  if (options.tls === undefined) return http.createServer(settings, listener);
  return https.createServer({ ...settings, ...options.tls }, listener);
}

async function listen(server: http.Server | https.Server, options: AwsEmulatorOptions): Promise<string> {
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => resolve());
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host.includes(':') ? `[${host}]` : host;
  return `${options.tls === undefined ? 'http' : 'https'}://${name}:${port}`;
}

async function close(server: http.Server | https.Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
