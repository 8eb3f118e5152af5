// Reads what IAM has in one account: providers and roles. For `rolegate-server doctor aws` alone: a serving broker loads
// none of it.
import type { Agent } from 'node:https';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Partition } from './partitions.ts';
import type { Signer } from './sts.ts';

export interface IamRole {
  readonly arn: string;
  readonly maxSessionSeconds: number;
  /** IAM JSON as text. */
  readonly trustPolicy: string;
}

interface IamSamlProvider {
  readonly metadata: string;
  readonly requiresEncryption: boolean;
}

/** Each is undefined where IAM has none of that name. @throws Error of the SDK, whose name is AWS's code */
export interface IamReader {
  samlProvider(arn: string): Promise<IamSamlProvider | undefined>;
  /** The audiences that it takes. */
  oidcProvider(arn: string): Promise<readonly string[] | undefined>;
  role(name: string): Promise<IamRole | undefined>;
}

export interface IamReaderOptions {
  readonly partition: Partition;
  /** In place of the partition's own. */
  readonly endpoint: string | undefined;
  readonly signer: Signer;
  readonly agent?: Agent | undefined;
}

const connectionTimeoutMs = 2000;
const requestTimeoutMs = 6000;
const overallTimeoutMs = 15_000;

export function createIamReader(options: IamReaderOptions): IamReader {
  let loaded: Promise<{ sdk: typeof import('@aws-sdk/client-iam'); client: IAMClient }> | undefined;
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
  const open = () => {
    loaded ??= load();
    return loaded;
  };
  const bounds = () => ({ abortSignal: AbortSignal.timeout(overallTimeoutMs) });
  return {
    samlProvider: (arn) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const answer = await client.send(new sdk.GetSAMLProviderCommand({ SAMLProviderArn: arn }), bounds());
        const { SAMLMetadataDocument: metadata = '', AssertionEncryptionMode: mode } = answer;
        return { metadata, requiresEncryption: mode === 'Required' };
      }),
    oidcProvider: (arn) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
        return (await client.send(command, bounds())).ClientIDList ?? [];
      }),
    role: (name) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const { Role } = await client.send(new sdk.GetRoleCommand({ RoleName: name }), bounds());
        return {
          arn: Role?.Arn ?? '',
          maxSessionSeconds: Role?.MaxSessionDuration ?? 3600,
          // IAM API Role: the document is URL-encoded, RFC 3986.
          trustPolicy: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''),
        };
      }),
  };
}

/** IAM is global: one host for each partition, and the region that signatures name. */
function iamEndpoint({ name, dnsSuffix, firstRegion }: Partition): string {
  if (name === 'aws') return 'https://iam.amazonaws.com';
  return name === 'aws-us-gov' ? 'https://iam.us-gov.amazonaws.com' : `https://iam.${firstRegion}.${dnsSuffix}`;
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as Error).name === 'NoSuchEntityException') return undefined;
    throw error;
  }
}

function createClient(
  { IAMClient: Client }: typeof import('@aws-sdk/client-iam'),
  requestHandler: NodeHttpHandler,
  { partition, endpoint, signer }: IamReaderOptions,
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
