// A command line as small as it can be: the requests that RFC 9126, 7636 and 6749 ask for, and nothing that the broker's
// own code does.
import { createHash, randomBytes } from 'node:crypto';
import type { Response } from 'supertest';
import { type Browser, encode, type TestApp } from './app.ts';

export const redirectUri = 'http://127.0.0.1:50123/callback';

export interface Proof {
  readonly verifier: string;
  readonly challenge: string;
  readonly state: string;
}

export function createProof(): Proof {
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')];
  return { verifier, state, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export type Fields = Readonly<Record<string, string>>;

export interface OAuthClient {
  readonly post: (path: string, fields: Fields, headers?: Fields) => Promise<Response>;
  readonly push: (proof: Proof, more?: Fields, headers?: Fields) => Promise<Response>;
  readonly redeem: (code: string, proof: Proof, more?: Fields) => Promise<Response>;
  readonly refresh: (token: string) => Promise<Response>;
  readonly get: (path: string, token: string) => Promise<Response>;
}

/** Knows no cookies: it is not a browser. */
export function createOAuthClient(app: Pick<TestApp, 'browser'>): OAuthClient {
  const { send } = app.browser();
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const post = (path: string, fields: Fields, headers: Fields = {}) =>
    send('POST', path, { headers: { ...form, ...headers }, body: encode({ client_id: 'rolegate-cli', ...fields }) });
  return {
    post,
    push: (proof, more = {}, headers = {}) => post('/oauth/par', { ...request(proof), ...more }, headers),
    redeem: (code, { verifier }, more = {}) =>
      post('/oauth/token', {
        ...{ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri },
        ...more,
      }),
    refresh: (token) => post('/oauth/token', { grant_type: 'refresh_token', refresh_token: token }),
    get: (path, token) => send('GET', path, { headers: { Authorization: `Bearer ${token}` } }),
  };
}

function request({ challenge, state }: Proof): Fields {
  return {
    ...{ response_type: 'code', scope: 'aws', redirect_uri: redirectUri, state },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...{ device_host: 'alice-laptop', device_os: 'Linux 6.8', device_user: 'alice' },
  };
}

/** Opens the address that the command line shows. @returns path of the confirm page */
export async function openInBrowser(browser: Browser, pushed: Response): Promise<string> {
  const query = new URLSearchParams({ client_id: 'rolegate-cli', request_uri: pushed.body.request_uri });
  const response = await browser.get(`/oauth/authorize?${query}`, { Accept: 'text/html' });
  return response.get('Location') ?? '';
}

export interface ConfirmForm {
  readonly person: string;
  readonly html: string;
}

export async function readConfirm(browser: Browser, path: string): Promise<ConfirmForm> {
  const { text } = await browser.get(path, { Accept: 'text/html' });
  return { person: /name="person" value="([^"]+)"/.exec(text)?.[1] ?? '', html: text };
}

export function decide(browser: Browser, path: string, fields: Fields): Promise<Response> {
  return browser.postForm(path, fields);
}

/** What the page after the decision leads to: the redirect to the command line. */
export async function follow(browser: Browser, answered: Response): Promise<URL> {
  const next = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(answered.text)?.[1] ?? '';
  const response = await browser.get(next, { Accept: 'text/html' });
  return new URL(response.get('Location') ?? 'about:blank');
}

/** Asks, confirms, and comes back with the address that the command line is called at. */
export async function authorize(client: OAuthClient, browser: Browser, proof: Proof, more: Fields = {}): Promise<URL> {
  const path = await openInBrowser(browser, await client.push(proof, more));
  const { person } = await readConfirm(browser, path);
  return follow(browser, await decide(browser, path, { decision: 'allow', person }));
}

/** A whole sign-in. @returns the answer of the token end point */
export async function signInCommandLine(client: OAuthClient, browser: Browser): Promise<Response> {
  const proof = createProof();
  const url = await authorize(client, browser, proof);
  return client.redeem(url.searchParams.get('code') ?? '', proof);
}
