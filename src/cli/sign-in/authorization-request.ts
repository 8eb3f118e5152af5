// The request that a sign-in begins with: pushed to the broker, so that the address in the browser says nothing and what
// the confirm page shows cannot be changed on the way. RFC 7636, RFC 9126.
import { hostname, release, type, userInfo } from 'node:os';
import { calculatePKCECodeChallenge } from 'oauth4webapi';
import { randomSecret } from '../../random.ts';
import {
  type AuthorizationServer,
  cliClientId,
  cliScope,
  confirmationCode,
  type DeviceParameter,
  decisionAnswer,
  freshSignIn,
  maxDeviceTextLength,
  stepUpParameter,
} from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { sendRequest } from '../machine/http.ts';
import { generateKey } from './dpop-key.ts';
import { createOAuthClient, type TokenSet, type ValidatedResponse } from './oauth-client.ts';
import type { PrivateJwk } from './tokens.ts';

export interface AuthorizationOptions {
  /** The identity provider asks again, also for a person who is signed in there. */
  readonly isForced?: boolean | undefined;
  /** ARN of the role to sign in for. */
  readonly stepUpRole?: string | undefined;
}

/** One request, and what binds its answer to this process: in memory only. */
export interface AuthorizationRequest {
  /** Shown in the terminal and on the page. */
  readonly confirmationCode: string;
  /** @returns the address for the browser. @throws CliError */
  push(redirectUri: string, options: AuthorizationOptions): Promise<string>;
  /** Why a person refused it in a browser that cannot say so here; undefined as long as none did. @throws CliError */
  refusal(signal: AbortSignal): Promise<string | undefined>;
  readonly state: string;
  /** For this sign-in alone; undefined where the broker knows no proofs. */
  readonly key: PrivateJwk | undefined;
  /** @throws CliError */
  redeem(response: ValidatedResponse, redirectUri: string): Promise<TokenSet | undefined>;
}

export async function createAuthorizationRequest(
  context: CliContext,
  server: AuthorizationServer,
): Promise<AuthorizationRequest> {
  const key = server.dpop_signing_alg_values_supported.includes('ES256') ? await generateKey() : undefined;
  const oauth = createOAuthClient(context, server, key);
  const [state, verifier] = [randomSecret(context.random), randomSecret(context.random)];
  let requestUri = '';
  const challenge = await calculatePKCECodeChallenge(verifier);
  return {
    state,
    key,
    confirmationCode: confirmationCode(challenge),
    push: async (redirectUri, { isForced, stepUpRole }) => {
      requestUri = await oauth.push({
        response_type: 'code',
        scope: cliScope,
        redirect_uri: redirectUri,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...describeDevice(context),
        ...(isForced ? freshSignIn : {}),
        ...(stepUpRole === undefined ? {} : { [stepUpParameter]: stepUpRole }),
      });
      // RFC 9126 §4.
      const url = new URL(server.authorization_endpoint);
      url.searchParams.set('client_id', cliClientId);
      url.searchParams.set('request_uri', requestUri);
      return url.href;
    },
    refusal: async (signal) => {
      const url = server.rolegate.decisionEndpoint;
      if (url === undefined) return undefined;
      const body = new URLSearchParams({ request_uri: requestUri, code_verifier: verifier }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await sendRequest(context, { method: 'POST', url, headers, body, signal });
      const { data } = decisionAnswer.safeParse(answer.body);
      return data?.decision === 'denied' ? data.detail : undefined;
    },
    redeem: (response, redirectUri) => oauth.redeem(response, redirectUri, verifier),
  };
}

function describeDevice({ env }: CliContext): Record<DeviceParameter, string> {
  return {
    device_host: short(hostname()),
    device_os: short(`${type()} ${release()}`),
    device_user: short(userName() ?? env['USER'] ?? env['USERNAME'] ?? 'unknown'),
  };
}

/** A container may run as a number that has no name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** What the broker would refuse is left out: it shows this to a person who decides by it. */
function short(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd').slice(0, maxDeviceTextLength);
}
