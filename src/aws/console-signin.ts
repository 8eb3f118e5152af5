// From temporary credentials to a console sign-in URL. The session goes to AWS in a POST body: it holds the secret key.
import * as http from 'node:http';
import * as https from 'node:https';
import { BrokerError } from '../errors.ts';
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
  readonly agent?: https.Agent | undefined;
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
  const bounded = durationSeconds === undefined ? undefined : await requestToken(signIn, durationSeconds);
  // Some durations are answered with 400 for no documented reason: without one the credentials' own life counts.
  const token = bounded ?? (await requestToken(signIn, undefined));
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
  return { url, durationSeconds: bounded === undefined ? undefined : durationSeconds };
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
  const answer = await postForm(`${signIn.endpoint}/federation`, form, signIn.agent).catch((error: Error) => {
    throw new BrokerError('signin_unavailable', `the sign-in endpoint did not answer: ${error.message}`);
  });
  if (answer.status === 400) return undefined;
  if (answer.status !== 200) {
    throw new BrokerError('signin_unavailable', `the sign-in endpoint answered ${answer.status}`);
  }
  try {
    const { SigninToken: token } = JSON.parse(answer.body) as { SigninToken?: unknown };
    if (typeof token === 'string' && token !== '') return token;
  } catch {
    // Not JSON: said below, without the body, which may hold the token.
  }
  throw new BrokerError('signin_unavailable', 'the sign-in endpoint answered without a SigninToken');
}

const timeoutMs = 8000;
const maxAnswerBytes = 64 * 1024;

/** With node:http(s): fetch takes no agent, and the sign-in endpoint may sit behind a private CA. */
function postForm(url: string, form: URLSearchParams, agent?: https.Agent): Promise<{ status: number; body: string }> {
  const body = form.toString();
  const isHttps = url.startsWith('https:');
  const options: https.RequestOptions = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.timeout(timeoutMs),
    ...(agent && isHttps ? { agent } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (isHttps ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxAnswerBytes) request.destroy(new Error('answer too large'));
        chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
