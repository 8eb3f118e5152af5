// oidc-provider, configured as a plain OAuth 2.0 server for one public client: authorization code with PKCE and pushed
// requests, refresh rotation, revocation, introspection. No openid scope, no ID tokens, no provider sessions.
import { generateKeyPairSync, hkdfSync } from 'node:crypto';
import { type AdapterFactory, type Configuration, errors, interactionPolicy, type JWK, Provider } from 'oidc-provider';
import type { Config } from '../config/config.ts';
import { cliClientId, cliScope, loopbackPath, remoteRedirectPath } from '../wire/oauth.ts';
import { nonceSecret } from './dpop.ts';
import { pushedParameters } from './pushed-request.ts';
import { allowsRemoteLogin, confirmPath, oauthRoutes, sessionCookie } from './routes.ts';

const codeSeconds = 60;
const accessSeconds = 600;
const interactionSeconds = 600;
/** The session's, at most: see absoluteTimeout. The grant itself ends by our clock. */
const refreshSeconds = 86_400;

export function createProvider(deps: {
  readonly config: Config;
  readonly adapter: AdapterFactory;
  /** Handle of the session of the browser that asks now. */
  readonly sessionOfBrowser: () => string | undefined;
  readonly renderError: NonNullable<Configuration['renderError']>;
}): Provider {
  supplyUrlParse();
  const { config, adapter } = deps;
  const provider = new Provider(config.baseUrl, {
    adapter,
    clients: [client(config)],
    // Nothing is ever signed; the library does not start without a key. Its address is not served.
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JWK] },
    scopes: [cliScope],
    responseTypes: ['code'],
    routes: oauthRoutes,
    cookies: cookies(config),
    interactions: {
      policy: [new interactionPolicy.Prompt({ name: 'login', requestable: true }), confirmed(deps.sessionOfBrowser)],
      url: (_ctx, { uid }) => `${confirmPath}/${uid}`,
    },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    expiresWithSession: () => false,
    clientBasedCORS: () => false,
    pkce: { required: () => true },
    extraParams: pushedParameters(),
    ttl: {
      AuthorizationCode: codeSeconds,
      AccessToken: accessSeconds,
      RefreshToken: refreshSeconds,
      Interaction: interactionSeconds,
      Session: interactionSeconds,
      Grant: refreshSeconds,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
      dPoP: { enabled: true, nonceSecret: nonceSecret(config.session.secrets[0]!), requireNonce: () => true },
      revocation: { enabled: true, allowedPolicy: isOwn },
      introspection: { enabled: true, allowedPolicy: isOwn },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    },
    renderError: deps.renderError,
  });
  // The dispatcher decides whether a request is https: a proxy in front ends TLS.
  provider.proxy = true;
  return provider;
}

/** URL.parse() of the URL standard, which the library reads proofs with. Node 20 does not have it. */
function supplyUrlParse(): void {
  const known = URL as typeof URL & { parse?: (url: string, base?: string) => URL | null };
  known.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
}

/** The client is public: the token itself is what shows the right to it. */
function isOwn(_ctx: unknown, { clientId }: { clientId: string }, token: { clientId?: string | undefined }): boolean {
  return token.clientId === clientId;
}

function client(config: Config) {
  const remote = allowsRemoteLogin(config) ? [`${config.baseUrl}${remoteRedirectPath}`] : [];
  return {
    client_id: cliClientId,
    application_type: 'native' as const,
    token_endpoint_auth_method: 'none' as const,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    response_modes: ['query' as const],
    // RFC 8252 §7.3: any port of these; §8.3: never localhost.
    redirect_uris: [`http://127.0.0.1${loopbackPath}`, `http://[::1]${loopbackPath}`, ...remote],
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: config.cliSignIn.requireDpop,
    scope: cliScope,
    id_token_signed_response_alg: 'ES256' as const,
  };
}

function cookies({ baseUrl, session }: Config): NonNullable<Configuration['cookies']> {
  const isHttps = baseUrl.startsWith('https:');
  const prefix = isHttps ? '__Secure-' : '';
  const attributes = { httpOnly: true, sameSite: 'lax', secure: isHttps, signed: true } as const;
  return {
    keys: session.secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'rolegate oauth cookies v1', 32)).toString('base64url'),
    ),
    names: {
      session: sessionCookie,
      interaction: `${prefix}rolegate-confirm`,
      resume: `${prefix}rolegate-authorize`,
    },
    short: attributes,
    long: attributes,
  };
}

/** Every authorization is confirmed by a person, every time, in the session that goes on with it. */
function confirmed(sessionOfBrowser: () => string | undefined) {
  const { Check, Prompt } = interactionPolicy;
  const check = new Check('not_confirmed', 'the user has not confirmed', 'interaction_required', (ctx) => {
    const confirm = ctx.oidc.result?.['confirm'] as { readonly session?: string } | undefined;
    if (confirm === undefined) return Check.REQUEST_PROMPT;
    if (confirm.session === undefined || confirm.session !== sessionOfBrowser()) {
      throw new errors.AccessDenied('the session that allowed it has ended');
    }
    return Check.NO_NEED_TO_PROMPT;
  });
  return new Prompt({ name: 'confirm', requestable: false }, check);
}
