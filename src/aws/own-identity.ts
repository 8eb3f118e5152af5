// The broker's own AWS identity, by the SDK's default chain: environment, profile, container, instance. It is looked for
// when a call is signed with it, never before: a broker that only mints finds no credentials.
// The SDK reads the environment by itself, so this file alone does too: to say what the SDK found there.
import { env } from 'node:process';
import { toIdentityError } from './own-identity-errors.ts';
import type { Signer, SigningKeys } from './sts.ts';

/** @param region of the STS that gives the identity, where the environment names none: outside `aws` the SDK's own guess is wrong */
export function createOwnIdentity(region?: string): Signer {
  let provider: Promise<Signer> | undefined;
  const load = async (): Promise<Signer> => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    const place = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || region;
    const find = defaultProvider(place === undefined ? {} : { clientConfig: { region: place } });
    return (): Promise<SigningKeys> => find();
  };
  return async () => {
    provider ??= load();
    try {
      return await (await provider)();
    } catch (error) {
      throw toIdentityError(error, env);
    }
  };
}
