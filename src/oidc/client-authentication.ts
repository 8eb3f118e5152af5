// How the broker authenticates itself at a token endpoint (RFC 6749 §2.3.1, RFC 7523).
import { type KeyObject, webcrypto } from 'node:crypto';
import type { ClientAuth } from 'openid-client';

interface ClientSettings {
  readonly clientSecret: string | undefined;
  readonly clientKey: KeyObject | undefined;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | undefined;
}

/** Every provider must take Basic, the default of Discovery §3; one that names the secret in the body alone gets it there. */
export async function clientAuthentication(settings: ClientSettings): Promise<ClientAuth> {
  const { ClientSecretBasic, ClientSecretPost, None, PrivateKeyJwt } = await import('openid-client');
  const { clientSecret, clientKey } = settings;
  if (clientKey) return PrivateKeyJwt(await toCryptoKey(clientKey));
  if (clientSecret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  return (server, ...request) => {
    const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isPostOnly = !offered.includes('client_secret_basic') && offered.includes('client_secret_post');
    const method = settings.clientAuthentication ?? (isPostOnly ? 'client_secret_post' : 'client_secret_basic');
    return (method === 'client_secret_post' ? post : basic)(server, ...request);
  };
}

async function toCryptoKey(key: KeyObject): Promise<CryptoKey> {
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[namedCurve ?? ''];
  const algorithm =
    curve === undefined ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: curve };
  return (await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])) as CryptoKey;
}
