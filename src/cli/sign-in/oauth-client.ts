// The command as a public OAuth client of one broker: oauth4webapi over the command's own HTTP. Every error is one line.
import * as oauth from 'oauth4webapi';
import { cliClientId } from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { fetchOnce, requireClock } from '../machine/http.ts';
import { printable } from '../machine/printable.ts';
import { proofsOf, withNonce } from './dpop-key.ts';
import type { PrivateJwk } from './tokens.ts';

const client: oauth.Client = { client_id: cliClientId };
const authentication = oauth.None();

export interface TokenSet {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

/** Where the answer of an authorization request was validated: what `redeem` takes. */
export type ValidatedResponse = URLSearchParams;

/** All throw CliError. */
export interface OAuthClient {
  /** RFC 9126. @returns the request_uri */
  push(parameters: Readonly<Record<string, string>>): Promise<string>;
  /** RFC 6749 §4.1.3, RFC 7636 §4.5. Undefined where the broker says invalid_grant: the code is spent or not its own. */
  redeem(response: ValidatedResponse, redirectUri: string, verifier: string): Promise<TokenSet | undefined>;
  /**
   * @param keep is called before the clock is checked: the refresh token is spent by its use, and a wrong clock must not
   *   cost the sign-in
   * @returns undefined where the broker says invalid_grant: the sign-in has ended
   */
  refresh(refreshToken: string, keep: (tokens: TokenSet) => void): Promise<TokenSet | undefined>;
  /** RFC 7009 §2.1: ends the whole grant at the broker. */
  revoke(refreshToken: string): Promise<void>;
}

/** @param key of the sign-in; undefined where the broker knows no proofs */
export function createOAuthClient(
  context: CliContext,
  server: oauth.AuthorizationServer,
  key: PrivateJwk | undefined,
): OAuthClient {
  const { host } = new URL(server.issuer);
  const plain = requestOptions(context, server.issuer);
  const proving = async () => (key === undefined ? plain : { ...plain, DPoP: await proofsOf(context, key) });

  const send = async <T>(request: () => Promise<Response>, process: (response: Response) => Promise<T>): Promise<T> => {
    try {
      return await withNonce(async () => {
        const response = await request();
        requireClock(context, host, response.headers.get('date'));
        return await process(response);
      });
    } catch (error) {
      throw oauthRefusal(host, error);
    }
  };
  const requestTokens = tokenRequests(context, server);

  return {
    push: async (parameters) => {
      const options = await proving();
      const request = () =>
        oauth.pushedAuthorizationRequest(server, client, authentication, { ...parameters }, options);
      const process = (response: Response) => oauth.processPushedAuthorizationResponse(server, client, response);
      return (await send(request, process)).request_uri;
    },
    redeem: async (response, redirectUri, verifier) => {
      const options = await proving();
      const request = () =>
        oauth.authorizationCodeGrantRequest(server, client, authentication, response, redirectUri, verifier, options);
      return requestTokens(request, oauth.processAuthorizationCodeResponse);
    },
    refresh: async (refreshToken, keep) => {
      const options = await proving();
      const request = () => oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, options);
      return requestTokens(request, oauth.processRefreshTokenResponse, keep);
    },
    revoke: async (refreshToken) => {
      const options = { ...plain, additionalParameters: { token_type_hint: 'refresh_token' } };
      const request = () => oauth.revocationRequest(server, client, authentication, refreshToken, options);
      await send(request, oauth.processRevocationResponse);
    },
  };
}

/** The clock is checked after the tokens are read and kept. */
function tokenRequests(context: CliContext, server: oauth.AuthorizationServer) {
  const { host } = new URL(server.issuer);
  return async (
    request: () => Promise<Response>,
    process: typeof oauth.processRefreshTokenResponse,
    keep: (tokens: TokenSet) => void = () => {},
  ): Promise<TokenSet | undefined> => {
    let date: string | null = null;
    try {
      return await withNonce(async () => {
        const response = await request();
        date = response.headers.get('date');
        const tokens = readTokens(host, await process(server, client, response), context.clock.now());
        keep(tokens);
        return tokens;
      });
    } catch (error) {
      if (error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant') return undefined;
      throw oauthRefusal(host, error);
    } finally {
      requireClock(context, host, date);
    }
  };
}

/** For every request to this broker. */
export function requestOptions(context: CliContext, broker: string) {
  return {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'GET' | 'POST', URLSearchParams | undefined>) =>
      fetchOnce(context, url, init),
    // `brokerOrigin()` allows http for this machine only.
    [oauth.allowInsecureRequests]: broker.startsWith('http:'),
  };
}

/**
 * RFC 6749 §4.1.2 and §10.12, RFC 9207 §2.4. The issuer has to be there: every broker names itself.
 * @throws AuthorizationResponseError, where the broker refuses; Error, if it is not the answer to the request
 */
export function validateResponse(issuer: string, parameters: URLSearchParams, state: string): ValidatedResponse {
  const server = { issuer, authorization_response_iss_parameter_supported: true };
  return oauth.validateAuthResponse(server, client, parameters, state);
}

/** RFC 6749 §5.1; the broker always issues a refresh token, and says how long the access token lasts. */
function readTokens(host: string, answer: oauth.TokenEndpointResponse, now: Date): TokenSet {
  const { access_token: accessToken, expires_in: seconds, refresh_token: refreshToken } = answer;
  if (seconds === undefined || refreshToken === undefined) {
    throw new CliError('failed', `${host} issued tokens without expires_in or refresh_token`);
  }
  const accessTokenExpiresAt = new Date(now.getTime() + seconds * 1000).toISOString();
  return { accessToken, accessTokenExpiresAt, refreshToken };
}

/** What an end point said instead of what was asked for. Errors of the network and of the clock stay what they are. */
function oauthRefusal(host: string, error: unknown): Error {
  if (error instanceof CliError) return error;
  // The library puts the answer into the cause of most errors.
  const { cause, status: ownStatus } = error as Error & { status?: number };
  const status = ownStatus ?? (cause instanceof Response ? cause.status : undefined);
  if (status !== undefined && status >= 500) {
    return new CliError('network', `${host} cannot answer now (status ${status}): try again`, { cause: error });
  }
  if (error instanceof oauth.ResponseBodyError) {
    return new CliError('failed', `${host} refused: ${printable(error.error_description ?? error.error)}`);
  }
  if (status !== undefined && status !== 200) return new CliError('failed', `${host} refused: status ${status}`);
  const isProtocol =
    error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError;
  if (!isProtocol) return error as Error;
  return new CliError('failed', `${host} answered against OAuth: ${error.message}`, { cause: error });
}
