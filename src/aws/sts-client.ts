// Clients of the AWS SDK for STS, one for each region and signer. The first call loads them: see sts.ts.
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Signer, StsOptions } from './sts.ts';

/** @param signer undefined for a call whose only proof is an assertion or a token */
export type StsClients = (region: string, signer: Signer | undefined) => STSClient;

/** The SDK keeps a signer's keys and the connections in a client. */
export function createStsClients(options: StsOptions): StsClients {
  const clients = new Map<Signer | undefined, Map<string, STSClient>>();
  return (region, signer) => {
    const ofSigner = clients.get(signer) ?? new Map<string, STSClient>();
    clients.set(signer, ofSigner);
    const client = ofSigner.get(region) ?? createClient(region, signer, options);
    ofSigner.set(region, client);
    return client;
  };
}

function createClient(region: string, signer: Signer | undefined, options: StsOptions): STSClient {
  const client = new STSClient({
    region,
    // Always explicit: neither AWS_ENDPOINT_URL nor a profile's endpoint_url may redirect an assertion.
    endpoint: options.endpointOf(region),
    // Nor may they turn these on: the SDK would then refuse an explicit endpoint.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    credentials: async () => {
      // Without a signer the SDK must not look for credentials either.
      if (!signer) throw new Error('Rolegate does not look up AWS credentials');
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await signer();
      return {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        ...(expiration === undefined ? {} : { expiration }),
      };
    },
    customUserAgent: options.userAgent,
    maxAttempts: 2,
    // Otherwise the SDK puts its chain of middleware together for each call. It does so for calls without options only.
    cacheMiddleware: signer === undefined,
    requestHandler: createHandler(options),
  });
  if (!signer) {
    for (const name of needless) client.middlewareStack.remove(name);
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['user-agent'] = options.userAgent;
        return next(args);
      },
      { step: 'build', name: 'fixedUserAgent' },
    );
  }
  return client;
}

const connectionTimeoutMs = 2000;
const requestTimeoutMs = 6000;
/** For one attempt, with its answer. */
const attemptTimeoutMs = 7500;

function createHandler({ agent }: StsOptions): NodeHttpHandler {
  const handler = new NodeHttpHandler({
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Without it the SDK only warns, and waits forever.
    throwOnRequestTimeout: true,
    ...(agent === undefined ? {} : { httpsAgent: agent }),
  });
  const handle = handler.handle.bind(handler);
  handler.handle = (request, options) =>
    handle(request, { ...options, abortSignal: AbortSignal.timeout(attemptTimeoutMs) });
  return handler;
}

/** What an unsigned call needs none of: it has no signature, and its User-Agent is always the same. */
const needless = [
  'loggerMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
  'recursionDetectionMiddleware',
  'httpSigningMiddleware',
];
