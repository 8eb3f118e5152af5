// One sign-in, from the listener to the tokens in their file. RFC 8252 with a pushed request.
import { hostname } from 'node:os';
import { me } from '../../wire/api.ts';
import { type AuthorizationServer, remoteRedirectPath, type Tokens } from '../../wire/oauth.ts';
import { removeCached } from '../credentials/credential-cache.ts';
import { hasBrowser, isRemoteShell, openBrowser } from '../machine/browser.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { printable } from '../machine/printable.ts';
import { createProof, type Proof, pushRequest, type Wish } from './authorization-request.ts';
import { createBrokerClient } from './broker-client.ts';
import { discover } from './discovery.ts';
import { listenForCallback } from './loopback.ts';
import { readPastedCode } from './pasted-code.ts';
import { requestTokens, revoke, tokenFields } from './token-request.ts';
import { loginCommand, readSignIn, type SignIn, tokenLock, writeSignIn } from './tokens.ts';

export interface SignInWish extends Wish {
  readonly opensBrowser: boolean;
  /** Nobody may be reading what is said: without a browser, end. */
  readonly needsBrowser?: boolean | undefined;
  /** Of the listener; undefined for one that is free. */
  readonly port?: number | undefined;
  /** The code is copied from the broker's page instead of coming to a listener. */
  readonly isRemote?: boolean | undefined;
  readonly waitMs?: number | undefined;
}

export const signInWaitMs = 5 * 60_000;
const lockTimeoutMs = 90_000;

/** @throws CliError */
export async function performSignIn(context: CliContext, broker: string, wish: SignInWish): Promise<SignIn> {
  const server = await discover(context, broker);
  const proof = createProof(context);
  return wish.isRemote
    ? signInByPastedCode(context, server, proof, wish)
    : signInByLoopback(context, server, proof, wish);
}

async function signInByLoopback(context: CliContext, server: AuthorizationServer, proof: Proof, wish: SignInWish) {
  // Before anything opens: with a warm session at the identity provider the answer comes at once.
  const loopback = await listenForCallback({ port: wish.port, state: proof.state, issuer: server.issuer });
  let isSignedIn = false;
  try {
    const url = await pushRequest(context, server, proof, loopback.redirectUri, wish);
    const isOpen = await show(context, url, proof, wish.opensBrowser);
    if (wish.needsBrowser && !isOpen) throw noBrowser(context, server.issuer);
    if (isRemoteShell(context)) sayForwarding(context, loopback.port);
    const callback = await within(wish.waitMs ?? signInWaitMs, loopback.callback, context, server.issuer);
    if ('error' in callback) throw refusedSignIn(server.issuer, callback);
    const signIn = await redeem(context, server, proof, { code: callback.code, redirectUri: loopback.redirectUri });
    isSignedIn = true;
    return signIn;
  } finally {
    await loopback.close(isSignedIn);
  }
}

async function signInByPastedCode(context: CliContext, server: AuthorizationServer, proof: Proof, wish: SignInWish) {
  if (!server.rolegate.remoteLogin) throw noRemoteSignIn(context, server.issuer);
  const redirectUri = server.issuer + remoteRedirectPath;
  await show(context, await pushRequest(context, server, proof, redirectUri, wish), proof, false);
  say(context, 'Then copy the line that the page shows, and paste it here:');
  const code = await readPastedCode(context, proof.state, wish.waitMs ?? signInWaitMs);
  if (code === undefined) throw nobodyCame(context, server.issuer);
  return redeem(context, server, proof, { code, redirectUri });
}

/** @returns whether a browser was started */
async function show(context: CliContext, url: string, { shownCode }: Proof, opensBrowser: boolean): Promise<boolean> {
  say(context, `To sign in, open this address in your browser:\n\n  ${printable(url)}\n`);
  say(context, `The page shows this code, or asks for it: ${shownCode}. If it shows another one, do not allow it.`);
  if (!opensBrowser || !hasBrowser(context)) return false;
  const isOpen = await openBrowser(context, url);
  if (!isOpen) say(context, 'No browser could be started: open the address yourself.');
  return isOpen;
}

function sayForwarding(context: CliContext, port: number): void {
  say(context, `If your browser is on another machine, run there first: ${sshLine(port)}`);
}

const sshLine = (port: number) => `ssh -N -L ${port}:127.0.0.1:${port} ${hostname()}`;

async function redeem(
  context: CliContext,
  server: AuthorizationServer,
  { verifier }: Proof,
  { code, redirectUri }: { readonly code: string; readonly redirectUri: string },
): Promise<SignIn> {
  const tokens = await requestTokens(context, server.token_endpoint, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  if (tokens) return keep(context, server, tokens);
  const command = loginCommand(context, server.issuer);
  throw new CliError('failed', `the code was too old, or not from this sign-in: run \`${command}\` again`);
}

async function keep(context: CliContext, server: AuthorizationServer, tokens: Tokens): Promise<SignIn> {
  const { issuer: broker, token_endpoint: tokenEndpoint, revocation_endpoint: revocationEndpoint } = server;
  const former = readSignIn(context, broker);
  const now = context.clock.now();
  const signedInAt = now.toISOString();
  const fresh = { broker, signedInAt, tokenEndpoint, revocationEndpoint, ...tokenFields(tokens, now) };
  await withLock(context, tokenLock(broker), lockTimeoutMs, async () => writeSignIn(context, fresh));
  // Nothing refers to the former one now. Should the broker not hear of it, it ends at its time.
  if (former) await revoke(context, former).catch(() => undefined);
  const { user, displayName, expiresAt: endsAt } = await createBrokerClient(context, broker).get('/api/v1/me', me);
  // What is in the cache is somebody's: nobody else may go on with it.
  if (former?.person?.user !== user) removeCached(context, broker);
  return withLock(context, tokenLock(broker), lockTimeoutMs, async () => {
    const signIn = { ...(readSignIn(context, broker) ?? fresh), person: { user, displayName, endsAt } };
    writeSignIn(context, signIn);
    return signIn;
  });
}

async function within<T>(waitMs: number, work: Promise<T>, context: CliContext, broker: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(nobodyCame(context, broker)), waitMs);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function nobodyCame(context: CliContext, broker: string): CliError {
  return new CliError('login', `nobody finished the sign-in in time: run \`${loginCommand(context, broker)}\` again`);
}

function noBrowser(context: CliContext, broker: string): CliError {
  return new CliError('login', `no browser can be opened here: run \`${loginCommand(context, broker)}\``);
}

function refusedSignIn(broker: string, { error, description }: { error: string; description: string | undefined }) {
  const { host } = new URL(broker);
  const said = printable(description ?? error).slice(0, 300);
  return new CliError(error === 'access_denied' ? 'denied' : 'failed', `${host} refused the sign-in: ${said}`);
}

/** Any port that is likely to be free on both machines. */
const suggestedPort = 8250;

function noRemoteSignIn(context: CliContext, broker: string): CliError {
  const { host } = new URL(broker);
  const command = loginCommand(context, broker, `--port ${suggestedPort} --no-browser`);
  return new CliError(
    'denied',
    `${host} does not allow --remote. Run \`${sshLine(suggestedPort)}\` where your browser is, then here \`${command}\``,
  );
}
