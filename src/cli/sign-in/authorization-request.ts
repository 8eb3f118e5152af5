// The request that a sign-in begins with: pushed to the broker, so that the address in the browser says nothing and what
// the confirm page shows cannot be changed on the way. RFC 7636, RFC 9126.
import { createHash } from 'node:crypto';
import { hostname, release, type, userInfo } from 'node:os';
import { randomSecret } from '../../random.ts';
import {
  type AuthorizationServer,
  cliClientId,
  cliScope,
  confirmationCode,
  type DeviceParameter,
  freshSignIn,
  maxDeviceTextLength,
  pushedRequest,
  stepUpParameter,
} from '../../wire/oauth.ts';
import type { CliContext } from '../machine/context.ts';
import { postForm, refused } from './token-request.ts';

/** What binds the answer to this process. Kept in memory only. */
export interface Proof {
  readonly state: string;
  readonly verifier: string;
  readonly challenge: string;
  /** What terminal and page both show. */
  readonly shownCode: string;
}

export function createProof({ random }: Pick<CliContext, 'random'>): Proof {
  const verifier = randomSecret(random);
  // RFC 7636 §4.2: S256.
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { state: randomSecret(random), verifier, challenge, shownCode: confirmationCode(challenge) };
}

export interface Wish {
  /** The identity provider asks anew, whoever is signed in there. */
  readonly isForced?: boolean | undefined;
  /** ARN of the role to sign in for. */
  readonly stepUpRole?: string | undefined;
}

/** @returns the address for the browser. @throws CliError */
export async function pushRequest(
  context: CliContext,
  server: AuthorizationServer,
  { state, challenge }: Proof,
  redirectUri: string,
  { isForced, stepUpRole }: Wish,
): Promise<string> {
  const endpoint = server.pushed_authorization_request_endpoint;
  const { status, body } = await postForm(context, endpoint, {
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
  const { data: pushed } = pushedRequest.safeParse(body);
  if (status !== 201 || !pushed) throw refused(endpoint, status, body);
  const url = new URL(server.authorization_endpoint);
  url.searchParams.set('client_id', cliClientId);
  url.searchParams.set('request_uri', pushed.request_uri);
  return url.href;
}

function describeDevice({ env }: Pick<CliContext, 'env'>): Record<DeviceParameter, string> {
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
