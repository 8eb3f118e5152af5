// An OpenID provider as a source of sign-ins: authorization code with PKCE (OpenID Connect Core §3.1, RFC 7636), the ID
// token's signature always verified. The one file that knows openid-client.
import type { KeyObject } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import type { Configuration, ServerMetadata } from 'openid-client';
import type { Clock } from '../clock.ts';
import { bounded, elsewhere } from './bounded-fetch.ts';
import { clientAuthentication } from './client-authentication.ts';
import { isEndpointOf } from './endpoint-hosts.ts';
import { type LogoutToken, validateLogoutToken } from './logout-token.ts';
import { refusalOf, unreachable } from './refusals.ts';

export interface RelyingPartySettings {
  readonly issuer: string;
  /** Hosts outside the issuer's domain that its endpoints may be on. */
  readonly endpointHosts: readonly string[];
  readonly clientId: string;
  /** Neither secret nor key for a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly clientKey: KeyObject | undefined;
  /** Undefined: what the provider publishes. */
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | undefined;
  /** Claims that the ID token leaves out come from the UserInfo endpoint. */
  readonly userInfo: boolean;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  readonly clockSkewMs: number;
}

/** What one sign-in has asked for, and its answer has to fit. */
interface PendingAuthorization {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

interface AuthorizationRequest extends PendingAuthorization {
  /** The person has to sign in again, whatever session they have there. */
  readonly isFresh: boolean;
  /** Authentication contexts to ask for; empty for none in particular. */
  readonly contexts: readonly string[];
}

export type IdTokenClaims = Readonly<Record<string, unknown>> & { readonly sub: string; readonly iat: number };

export interface RelyingParty {
  /** @throws BrokerError idp_unavailable */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Redeems the code of a callback.
   * @returns the claims of the verified ID token, and what UserInfo adds to them
   * @throws BrokerError openid_refused or idp_unavailable
   */
  redeem(callback: URL, pending: PendingAuthorization): Promise<{ claims: IdTokenClaims; idToken: string | undefined }>;
  /**
   * Where a person signs out at the provider (RP-Initiated Logout 1.0 §2); undefined if it has no such address.
   * @throws BrokerError idp_unavailable
   */
  endSessionUrl(logout: { readonly idToken: string | undefined; readonly state: string }): Promise<string | undefined>;
  /** @throws BrokerError openid_refused or idp_unavailable */
  readLogoutToken(token: string): Promise<LogoutToken>;
}

/** Loaded by the first sign-in that needs it: a broker without OpenID providers never does. */
const library = () => import('openid-client');

const discoveryLifetimeMs = 12 * 3_600_000;
const timeoutSeconds = 10;

export function createRelyingParty(
  settings: RelyingPartySettings,
  { clock, fetch }: { readonly clock: Clock; readonly fetch: typeof globalThis.fetch },
): RelyingParty {
  const configuration = cached(() => discover(settings, fetch), clock);
  const logoutKeys = cached(async () => keysOf((await configuration()).serverMetadata(), settings, fetch), clock);
  return {
    authorizationUrl: async ({ state, nonce, codeVerifier, isFresh, contexts }) => {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: settings.redirectUri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...(isFresh ? { prompt: 'login', max_age: '0' } : {}),
        ...(contexts.length > 0 ? { acr_values: contexts.join(' ') } : {}),
      });
      return url.href;
    },
    redeem: async (callback, { state, nonce, codeVerifier }) => {
      const known = await configuration();
      const { authorizationCodeGrant, fetchUserInfo } = await library();
      try {
        const answer = await authorizationCodeGrant(known, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        const claims = answer.claims() as IdTokenClaims;
        const idToken = answer.id_token;
        if (!settings.userInfo) return { claims, idToken };
        // Core §5.3.2: its sub must be that of the ID token.
        const more = await fetchUserInfo(known, answer.access_token, claims.sub);
        return { claims: withUserInfo(claims, more), idToken };
      } catch (error) {
        throw refusalOf(error);
      }
    },
    endSessionUrl: async ({ idToken, state }) => {
      const known = await configuration();
      const { end_session_endpoint: address } = known.serverMetadata();
      const isUsable = address !== undefined && URL.canParse(address) && isSameScheme(settings.issuer, address);
      if (!isUsable) return undefined;
      const { buildEndSessionUrl } = await library();
      return buildEndSessionUrl(known, {
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
        post_logout_redirect_uri: settings.postLogoutRedirectUri,
        state,
      }).href;
    },
    readLogoutToken: async (token) => validateLogoutToken(token, await logoutKeys(), settings, clock.now()),
  };
}

function isSameScheme(issuer: string, address: string): boolean {
  return new URL(address).protocol === 'https:' || new URL(address).protocol === new URL(issuer).protocol;
}

/** Reads them when a token comes, and again for a key that it does not know. */
async function keysOf(
  { jwks_uri }: ServerMetadata,
  { issuer, endpointHosts }: RelyingPartySettings,
  fetch: typeof globalThis.fetch,
): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet, customFetch } = await import('jose');
  if (jwks_uri === undefined) throw unreachable(new Error('no jwks_uri'));
  const isAllowed = (address: string) => isEndpointOf(issuer, endpointHosts, address);
  const timeoutDuration = timeoutSeconds * 1000;
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration, [customFetch]: bounded(fetch, isAllowed) });
}

/** Not signed, so it never says who vouches, for whom, when or how the person signed in (Core §2). */
const protocolClaims = new Set(['iss', 'sub', 'aud', 'azp', 'exp', 'iat', 'nonce', 'auth_time', 'acr', 'amr', 'sid']);

function withUserInfo(claims: IdTokenClaims, more: Readonly<Record<string, unknown>>): IdTokenClaims {
  const added = Object.entries(more).filter(([name]) => !protocolClaims.has(name) && !Object.hasOwn(claims, name));
  return { ...claims, ...Object.fromEntries(added) };
}

async function discover(settings: RelyingPartySettings, fetch: typeof globalThis.fetch): Promise<Configuration> {
  const { issuer, endpointHosts, clientId, clockSkewMs } = settings;
  const isAllowed = (address: string) => isEndpointOf(issuer, endpointHosts, address);
  const { allowInsecureRequests, clockTolerance, customFetch, discovery, enableNonRepudiationChecks } = await library();
  // Only development may name an issuer on http: the configuration has seen to that.
  const plain = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
  const metadata = { [clockTolerance]: clockSkewMs / 1000 };
  try {
    const found = await discovery(new URL(issuer), clientId, metadata, await clientAuthentication(settings), {
      execute: [...plain, enableNonRepudiationChecks],
      timeout: timeoutSeconds,
      [customFetch]: bounded(fetch, isAllowed) as never,
    });
    const { token_endpoint, jwks_uri } = found.serverMetadata();
    // Not only when they are called: the operator learns of it before anyone has signed in there.
    for (const address of [token_endpoint, jwks_uri]) {
      if (address !== undefined && !isAllowed(address)) throw elsewhere(address);
    }
    return found;
  } catch (error) {
    throw unreachable(error);
  }
}

/** What was found is good for a while; what failed is tried again by the next one who asks. */
function cached<T>(find: () => Promise<T>, { now }: Clock): () => Promise<T> {
  let found: { readonly value: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (found === undefined || found.until <= now().getTime()) {
      const value = find();
      found = { value, until: now().getTime() + discoveryLifetimeMs };
      value.catch(() => {
        if (found?.value === value) found = undefined;
      });
    }
    return found.value;
  };
}
