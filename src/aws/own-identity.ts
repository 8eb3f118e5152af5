// The broker's own AWS identity, by the SDK's default chain: environment, profile, container, instance. It is looked for
// when a call is signed with it, never before: a broker that only mints finds no credentials.
import type { Signer, SigningKeys } from './sts.ts';

export function createOwnIdentity(): Signer {
  let provider: Promise<Signer> | undefined;
  const load = async (): Promise<Signer> => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    const find = defaultProvider();
    return (): Promise<SigningKeys> => find();
  };
  return async () => {
    provider ??= load();
    return (await provider)();
  };
}
