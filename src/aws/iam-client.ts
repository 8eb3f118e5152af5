// The IAM client over the AWS SDK: which host, whose keys, how long. Loaded on its first use: a serving broker needs none of it.
import type { Agent } from 'node:https';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Partition } from './partitions.ts';
import type { Signer } from './sts.ts';

export interface IamOptions {
  readonly partition: Partition;
  /** In place of the partition's own. */
  readonly endpoint: string | undefined;
  readonly signer: Signer;
  readonly agent?: Agent | undefined;
}

type Sdk = typeof import('@aws-sdk/client-iam');

const connectionTimeoutMs = 2000;
const requestTimeoutMs = 6000;
const overallTimeoutMs = 15_000;

export function openIam(options: IamOptions): () => Promise<{ sdk: Sdk; client: IAMClient }> {
  let loaded: Promise<{ sdk: Sdk; client: IAMClient }> | undefined;
  const load = async () => {
    const sdk = await import('@aws-sdk/client-iam');
    const { NodeHttpHandler } = await import('@smithy/node-http-handler');
    const requestHandler = new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      ...(options.agent === undefined ? {} : { httpsAgent: options.agent }),
    });
    return { sdk, client: createClient(sdk, requestHandler, options) };
  };
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** Of one call. */
export function iamBounds() {
  return { abortSignal: AbortSignal.timeout(overallTimeoutMs) };
}

export async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as Error).name === 'NoSuchEntityException') return undefined;
    throw error;
  }
}

/** IAM is global: one host for each partition, and the region that signatures name. */
function iamEndpoint({ name, dnsSuffix, firstRegion }: Partition): string {
  if (name === 'aws') return 'https://iam.amazonaws.com';
  return name === 'aws-us-gov' ? 'https://iam.us-gov.amazonaws.com' : `https://iam.${firstRegion}.${dnsSuffix}`;
}

function createClient(
  { IAMClient: Client }: Sdk,
  requestHandler: NodeHttpHandler,
  { partition, endpoint, signer }: IamOptions,
): IAMClient {
  return new Client({
    region: partition.firstRegion,
    // Always explicit, as for STS: the environment must not redirect it.
    endpoint: endpoint ?? iamEndpoint(partition),
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await signer();
      return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    },
    customUserAgent: 'rolegate',
    maxAttempts: 2,
    requestHandler,
  });
}
