// One sign-in, from the listener to the tokens in their file. RFC 8252 with a pushed request.
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthorizationServer, remoteRedirectPath } from '../../wire/oauth.ts';
import { readOwner, removeCached, writeOwner } from '../credentials/credential-cache.ts';
import { type CliContext, isTerminal, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { printable } from '../machine/printable.ts';
import { hasBrowser, isRemoteShell, openBrowser } from '../processes/browser.ts';
import {
  type AuthorizationOptions,
  type AuthorizationRequest,
  createAuthorizationRequest,
} from './authorization-request.ts';
import { askWho } from './broker-client.ts';
import { discover } from './discovery.ts';
import { listenForCallback } from './loopback.ts';
import { createOAuthClient, type TokenSet, validateResponse } from './oauth-client.ts';
import { readPastedCode } from './pasted-code.ts';
import { refusedSignIn, unlessRefused } from './refusal.ts';
import { type PrivateJwk, readSignIn, type SignIn, serverOf, signInCommand, tokenLock, writeSignIn } from './tokens.ts';

export interface SignInOptions extends AuthorizationOptions {
  readonly opensBrowser: boolean;
  /** A person may not see the output: fail if no browser opens. */
  readonly needsBrowser?: boolean | undefined;
  /** Of the listener; undefined for a free one. */
  readonly port?: number | undefined;
  /** The person copies the code from the broker's page; there is no listener. */
  readonly isRemote?: boolean | undefined;
  readonly waitMs?: number | undefined;
}

export const signInWaitMs = 5 * 60_000;
const lockTimeoutMs = 90_000;
/** A browser on this machine brings the refusal itself, and shows the page of the listener. */
const callbackGraceMs = 1_500;

/** @throws CliError */
export async function performSignIn(context: CliContext, broker: string, options: SignInOptions): Promise<SignIn> {
  const server = await discover(context, broker);
  const request = await createAuthorizationRequest(context, server);
  return options.isRemote
    ? signInByPastedCode(context, server, request, options)
    : signInByLoopback(context, server, request, options);
}

async function signInByLoopback(
  context: CliContext,
  server: AuthorizationServer,
  request: AuthorizationRequest,
  options: SignInOptions,
): Promise<SignIn> {
  // Before anything opens: with a session at the identity provider the answer comes at once.
  const loopback = await listenForCallback({ port: options.port, state: request.state, issuer: server.issuer });
  let isSignedIn = false;
  try {
    const url = await request.push(loopback.redirectUri, options);
    const isOpen = await showAddress(context, url, request.confirmationCode, options.opensBrowser);
    if (options.needsBrowser && !isOpen) {
      const command = signInCommand(context, server.issuer);
      throw new CliError('login', `no browser can be opened here: run \`${command}\``);
    }
    if (isRemoteShell(context)) {
      say(context, `If your browser is on another machine, run there first: ${sshLine(loopback.port)}`);
    }
    const callback = await unlessRefused(server.issuer, request, callbackGraceMs, (signal) =>
      within(options.waitMs ?? signInWaitMs, signal, loopback.callback, context, server.issuer),
    );
    if ('error' in callback) throw refusedSignIn(server.issuer, callback);
    const signIn = await store(
      context,
      server,
      request.key,
      await request.redeem(callback.response, loopback.redirectUri),
    );
    isSignedIn = true;
    return signIn;
  } finally {
    await loopback.close(isSignedIn);
  }
}

async function signInByPastedCode(
  context: CliContext,
  server: AuthorizationServer,
  request: AuthorizationRequest,
  options: SignInOptions,
): Promise<SignIn> {
  const { issuer } = server;
  if (!server.rolegate.remoteLogin) throw noRemoteSignIn(context, issuer);
  const redirectUri = issuer + remoteRedirectPath;
  await showAddress(context, await request.push(redirectUri, options), request.confirmationCode, false);
  say(context, 'Then copy the line that the page shows, and paste it here:');
  const tooLate = AbortSignal.timeout(options.waitMs ?? signInWaitMs);
  const code = await unlessRefused(issuer, request, 0, (signal) =>
    readPastedCode(context, request.state, AbortSignal.any([tooLate, signal])),
  );
  if (code === undefined && context.stdin.readableEnded) {
    const command = signInCommand(context, issuer, '--remote');
    throw new CliError('login', `standard input ended before the line was pasted: run \`${command}\` in a terminal`);
  }
  if (code === undefined) throw signInTimedOut(context, issuer);
  // The line comes from the broker's own page and does not repeat who the broker is.
  const parameters = new URLSearchParams({ code, state: request.state, iss: issuer });
  const response = validateResponse(issuer, parameters, request.state);
  return store(context, server, request.key, await request.redeem(response, redirectUri));
}

/** @returns whether a browser was started */
async function showAddress(context: CliContext, url: string, code: string, opensBrowser: boolean): Promise<boolean> {
  say(context, `To sign in, open this address in your browser:\n\n  ${printable(url)}\n`);
  say(context, `The page shows this code, or asks for it: ${code}. If it shows another one, do not allow it.`);
  if (!opensBrowser || !hasBrowser(context)) return false;
  const isOpen = await openBrowser(context, url);
  if (!isOpen) say(context, 'No browser could be started: open the address yourself.');
  return isOpen;
}

const sshLine = (port: number) => `ssh -N -L ${port}:127.0.0.1:${port} ${hostname()}`;

async function store(
  context: CliContext,
  server: AuthorizationServer,
  key: PrivateJwk | undefined,
  tokens: TokenSet | undefined,
): Promise<SignIn> {
  const { issuer: broker, token_endpoint: tokenEndpoint, revocation_endpoint: revocationEndpoint } = server;
  if (!tokens) {
    const command = signInCommand(context, broker);
    throw new CliError('failed', `the code was too old, or not from this sign-in: run \`${command}\` again`);
  }
  const former = readSignIn(context, broker);
  const signedInAt = context.clock.now().toISOString();
  const fresh = { broker, signedInAt, tokenEndpoint, revocationEndpoint, key, ...tokens };
  const {
    user,
    displayName,
    identityProvider,
    expiresAt: endsAt,
  } = await askWho(context, fresh).catch(async (error: unknown) => {
    // A sign-in whose person is not known leaves everything as it was.
    await revokeQuietly(context, fresh);
    throw error;
  });
  const signIn = { ...fresh, person: { user, displayName, endsAt } };
  await withLock(context, tokenLock(broker), lockTimeoutMs, async () => {
    const owner = readOwner(context, broker);
    // Before the tokens: no moment in which one person's sign-in meets another's credentials.
    if (owner?.user !== user || owner.identityProvider !== identityProvider) removeCached(context, broker);
    writeSignIn(context, signIn);
    writeOwner(context, broker, { identityProvider, user });
  });
  // Nothing refers to the former sign-in now. If the broker cannot be told, it expires there.
  if (former) await revokeQuietly(context, former);
  return signIn;
}

async function revokeQuietly(context: CliContext, signIn: SignIn): Promise<void> {
  const client = createOAuthClient(context, serverOf(signIn), signIn.key);
  await client.revoke(signIn.refreshToken).catch(() => undefined);
}

async function within<T>(
  waitMs: number,
  signal: AbortSignal,
  work: Promise<T>,
  context: CliContext,
  broker: string,
): Promise<T> {
  const tooLate = sleep(waitMs, undefined, { signal }).then(() => {
    throw signInTimedOut(context, broker);
  });
  const stopCounting = countDown(context, waitMs);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    stopCounting();
  }
}

/** Shows on a terminal how long the command waits for the browser. @returns what removes the line */
function countDown(context: CliContext, waitMs: number): () => void {
  const { stderr, clock } = context;
  if (!isTerminal(stderr)) return () => {};
  const end = clock.now().getTime() + waitMs;
  const show = () => {
    const seconds = Math.max(0, Math.ceil((end - clock.now().getTime()) / 1000));
    const left = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    stderr.write(`\r\x1b[KWaiting for the browser, ${left} left. Ctrl-C cancels.`);
  };
  const timer = setInterval(show, 1000);
  return () => {
    clearInterval(timer);
    stderr.write('\r\x1b[K');
  };
}

function signInTimedOut(context: CliContext, broker: string): CliError {
  return new CliError('login', `sign-in timed out: run \`${signInCommand(context, broker)}\` again`);
}

/** Any port that is likely to be free on both machines. */
const suggestedPort = 8250;

function noRemoteSignIn(context: CliContext, broker: string): CliError {
  const { host } = new URL(broker);
  const command = signInCommand(context, broker, `--port ${suggestedPort} --no-browser`);
  return new CliError(
    'denied',
    `${host} does not allow --remote. Run \`${sshLine(suggestedPort)}\` where your browser is, then here \`${command}\``,
  );
}
