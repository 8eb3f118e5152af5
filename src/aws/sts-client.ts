// Clients of the AWS SDK for STS, one for each region and signer, with bounds on what a call may take.
import type { Agent } from 'node:https';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { BrokerError, type ErrorCode } from '../errors.ts';
import type { Failover } from './failover.ts';
import { toStsError } from './sts-errors.ts';

export interface SdkStsOptions {
  readonly endpointOf: (region: string) => string;
  /** Where a call goes on that its own region does not answer. */
  readonly fallbackRegions: readonly string[];
  readonly failover: Failover;
  readonly userAgent: string;
  /** For hosts that must be reached in a particular way: a proxy, a private CA. */
  readonly agent?: Agent | undefined;
}

/** Keys that sign a call. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** The signer is asked again some minutes before it; never if there is none. */
  readonly expiration?: Date | undefined;
}

export type Signer = () => Promise<SigningKeys>;

/** For calls that are not signed: the SDK must not look for credentials either. */
export const unsigned: Signer = async () => {
  throw new Error('Rolegate looks for no AWS credentials');
};

const connectionTimeoutMs = 2000;
const requestTimeoutMs = 6000;
const overallTimeoutMs = 15_000;

/** The client of a region and a signer: made once, since the SDK keeps a signer's keys and connections in it. */
export type StsClients = (region: string, signer: Signer) => STSClient;

export function createStsClients(options: SdkStsOptions): StsClients {
  const clients = new Map<Signer, Map<string, STSClient>>();
  return (region, signer) => {
    const ofSigner = clients.get(signer) ?? new Map<string, STSClient>();
    clients.set(signer, ofSigner);
    const client = ofSigner.get(region) ?? createClient(region, signer, options);
    ofSigner.set(region, client);
    return client;
  };
}

/** Codes with which another region may do better: each has its own quota, and may be switched off in an account. */
const outages: readonly ErrorCode[] = ['sts_unavailable', 'sts_throttled', 'sts_region_disabled'];

export function isStsOutage(error: unknown): boolean {
  return error instanceof BrokerError && outages.includes(error.code);
}

/** In the region of the call, then in the others. @throws BrokerError with one of the sts_ codes */
export function callSts<T>(
  { failover, fallbackRegions }: SdkStsOptions,
  region: string,
  call: (region: string, options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  return failover.run([...new Set([region, ...fallbackRegions])], async (each) => {
    try {
      return await call(each, { abortSignal: AbortSignal.timeout(overallTimeoutMs) });
    } catch (error) {
      throw error instanceof BrokerError ? error : toStsError(error);
    }
  });
}

function createClient(region: string, signer: Signer, { endpointOf, userAgent, agent }: SdkStsOptions): STSClient {
  return new STSClient({
    region,
    // Always explicit: neither AWS_ENDPOINT_URL nor a profile's endpoint_url may redirect an assertion.
    endpoint: endpointOf(region),
    // Nor may they turn these on, with which the SDK refuses any endpoint of one's own.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await signer();
      return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        ...(expiration === undefined ? {} : { expiration }),
      };
    },
    customUserAgent: userAgent,
    maxAttempts: 2,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Without it the SDK only warns, and waits forever.
      throwOnRequestTimeout: true,
      ...(agent === undefined ? {} : { httpsAgent: agent }),
    }),
  });
}
