// How clients of AWS other than STS are set up: with the broker's own AWS identity, short waits and one more attempt.
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Signer } from './sts.ts';

const attemptTimeoutMs = 2000;

interface ClientPlace {
  readonly region: string;
  /** Instead of the public one. */
  readonly endpoint: string | undefined;
  readonly fips: boolean;
}

export function clientOptions({ region, endpoint, fips }: ClientPlace, ownIdentity: Signer) {
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    useFipsEndpoint: fips,
    useDualstackEndpoint: false,
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = await ownIdentity();
      return {
        ...{ accessKeyId, secretAccessKey },
        ...(sessionToken !== undefined && { sessionToken }),
        ...(expiration !== undefined && { expiration }),
      };
    },
    maxAttempts: 2,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: attemptTimeoutMs,
      requestTimeout: attemptTimeoutMs,
      throwOnRequestTimeout: true,
    }),
  };
}
