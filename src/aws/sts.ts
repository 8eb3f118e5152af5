// The STS port and its adapter over the AWS SDK. The call is unsigned: the assertion is the only proof, and no AWS
// credential is looked for anywhere.
import type { Agent } from 'node:https';
import { AssumeRoleWithSAMLCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { BrokerError } from '../errors.ts';
import { toStsError } from './sts-errors.ts';

export interface AssumeRoleWithSaml {
  readonly region: string;
  readonly roleArn: string;
  readonly principalArn: string;
  /** The whole samlp:Response in base64. */
  readonly samlAssertion: string;
  /** 900 to 43,200 and not above the role's own maximum. */
  readonly durationSeconds: number;
  /** An inline session policy: the session has what the role and this both allow. */
  readonly policy: string | undefined;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface AssumedRole {
  readonly credentials: TemporaryCredentials;
  readonly assumedRoleArn: string;
}

export interface Sts {
  /** @throws BrokerError with one of the sts_ codes */
  assumeRoleWithSaml(request: AssumeRoleWithSaml): Promise<AssumedRole>;
}

export interface SdkStsOptions {
  readonly endpointOf: (region: string) => string;
  readonly userAgent: string;
  /** For hosts that must be reached in a particular way: a proxy, a private CA. */
  readonly agent?: Agent | undefined;
}

const connectionTimeoutMs = 2000;
const requestTimeoutMs = 6000;
const overallTimeoutMs = 15_000;

export function createSdkSts({ endpointOf, userAgent, agent }: SdkStsOptions): Sts {
  const clients = new Map<string, STSClient>();
  const clientFor = (region: string): STSClient => {
    const existing = clients.get(region);
    if (existing) return existing;
    const client = createClient(region, endpointOf(region), userAgent, agent);
    clients.set(region, client);
    return client;
  };
  return {
    assumeRoleWithSaml: async (request) => {
      const command = new AssumeRoleWithSAMLCommand({
        RoleArn: request.roleArn,
        PrincipalArn: request.principalArn,
        SAMLAssertion: request.samlAssertion,
        DurationSeconds: request.durationSeconds,
        ...(request.policy === undefined ? {} : { Policy: request.policy }),
      });
      try {
        const abortSignal = AbortSignal.timeout(overallTimeoutMs);
        const { Credentials, AssumedRoleUser } = await clientFor(request.region).send(command, { abortSignal });
        return { credentials: complete(Credentials), assumedRoleArn: AssumedRoleUser?.Arn ?? '' };
      } catch (error) {
        throw error instanceof BrokerError ? error : toStsError(error);
      }
    },
  };
}

function createClient(region: string, endpoint: string, userAgent: string, agent: Agent | undefined): STSClient {
  return new STSClient({
    region,
    // Always explicit: neither AWS_ENDPOINT_URL nor a profile's endpoint_url may redirect an assertion.
    endpoint,
    // Nor may they turn these on, with which the SDK refuses any endpoint of one's own.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    credentials: async () => {
      throw new Error('Rolegate looks for no AWS credentials');
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

function complete(
  credentials:
    | {
        AccessKeyId?: string | undefined;
        SecretAccessKey?: string | undefined;
        SessionToken?: string | undefined;
        Expiration?: Date | undefined;
      }
    | undefined,
): TemporaryCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new BrokerError('sts_refused', 'STS answered without complete credentials');
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
