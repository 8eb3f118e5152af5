// From temporary credentials to a console sign-in URL. The session goes to AWS in a POST body: it holds the secret key.
import type { Agent } from 'node:https';
import { BrokerError } from '../errors.ts';
import { postForm } from './post-form.ts';
import type { TemporaryCredentials } from './sts.ts';

export interface ConsoleSignIn {
  /** The sign-in endpoint, without path. */
  readonly endpoint: string;
  readonly credentials: TemporaryCredentials;
  /** Seconds the console session lasts, 900 to 43,200; undefined: as long as the credentials. */
  readonly durationSeconds: number | undefined;
  readonly destination: string;
  /** Where the console sends people when their session has ended. */
  readonly issuer: string;
  readonly agent?: Agent | undefined;
}

/** The life of a sign-in URL, counted by AWS. It is a credential until then. */
export const signinUrlLifetimeMs = 15 * 60_000;

export interface ConsoleSigninUrl {
  readonly url: string;
  /** What AWS took; undefined: the console lasts as long as the credentials. */
  readonly durationSeconds: number | undefined;
}

/** @throws BrokerError signin_refused or signin_unavailable */
export async function consoleSigninUrl(signIn: ConsoleSignIn): Promise<ConsoleSigninUrl> {
  const { durationSeconds } = signIn;
  const wished = durationSeconds === undefined ? undefined : await requestToken(signIn, durationSeconds);
  // Some durations are answered with 400 for no documented reason: without one the credentials' own life counts.
  const token = wished ?? (await requestToken(signIn, undefined));
  if (token === undefined) {
    throw new BrokerError(
      'signin_refused',
      'the sign-in endpoint refused the credentials, with and without SessionDuration',
    );
  }
  const query = new URLSearchParams({
    Action: 'login',
    Issuer: signIn.issuer,
    Destination: signIn.destination,
    SigninToken: token,
  });
  const url = `${signIn.endpoint}/federation?${query}`;
  return { url, durationSeconds: wished === undefined ? undefined : durationSeconds };
}

/**
 * Ends the browser's console session first, then signs in. For a host that goes on to `redirect_uri`, which must be on the
 * same host: the bare global one ignores it. Harmful with multi-session, which it would end as a whole.
 */
export function afterSignOut(signinUrl: string): string {
  const query = new URLSearchParams({ Action: 'logout', redirect_uri: signinUrl });
  return `${new URL(signinUrl).origin}/oauth?${query}`;
}

async function requestToken(signIn: ConsoleSignIn, durationSeconds: number | undefined): Promise<string | undefined> {
  const { accessKeyId, secretAccessKey, sessionToken } = signIn.credentials;
  const form = new URLSearchParams({
    Action: 'getSigninToken',
    Session: JSON.stringify({ sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken }),
  });
  if (durationSeconds !== undefined) form.set('SessionDuration', String(durationSeconds));
  const answer = await post(`${signIn.endpoint}/federation`, form, signIn.agent);
  if (answer.status === 400) return undefined;
  if (answer.status !== 200) {
    throw new BrokerError('signin_unavailable', `the sign-in endpoint answered ${answer.status}`);
  }
  return tokenIn(answer.body);
}

async function post(url: string, form: URLSearchParams, agent: Agent | undefined) {
  try {
    return await postForm(url, form, agent);
  } catch (error) {
    throw new BrokerError('signin_unavailable', `the sign-in endpoint did not answer: ${(error as Error).message}`);
  }
}

function tokenIn(body: string): string {
  try {
    const { SigninToken: token } = JSON.parse(body) as { SigninToken?: unknown };
    if (typeof token === 'string' && token !== '') return token;
  } catch {
    // Not JSON: said below, without the body, which may hold the token.
  }
  throw new BrokerError('signin_unavailable', 'the sign-in endpoint answered without a SigninToken');
}
