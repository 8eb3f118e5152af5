// The authorization server as the rest of the broker sees it: requests in, one decision of a person, Bearer tokens.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { RequestFacts } from '../audit/events.ts';
import type { Grant } from '../broker/grants/grants.ts';
import type { Device } from '../broker/session-entry.ts';
import { BrokerError } from '../errors.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import type { Sealer } from '../store/sealing.ts';
import { confirmationCode, freshSignIn, remoteRedirectPath, stepUpParameter } from '../wire/oauth.ts';
import { createProofVerifier, type ProofProblem, type ProofRequest, type ProofVerifier } from './dpop.ts';
import {
  type BrowserSecrets,
  completeExchange,
  deviceOf,
  type Exchange,
  type ExchangeDeps,
  grantFacts,
  textOf,
} from './exchange.ts';
import { createProvider } from './provider.ts';
import { createTokenAdapters } from './token-adapter.ts';

/** What a command line asks for, and a person has to decide. */
export interface PendingRequest {
  readonly uid: string;
  /** Of the pushed request and its code_challenge: names what the command line learns by its verifier. */
  readonly refusalKey: string;
  readonly device: Device;
  /** Address and time of the pushed request, as this server saw them. */
  readonly sourceIp: string;
  readonly askedAt: number;
  /** The code is to be copied by hand. */
  readonly isRemote: boolean;
  /** What the terminal shows. */
  readonly code: string;
  readonly isFreshWanted: boolean;
  /** Its tokens will be bound to a key of the machine (RFC 9449 §10). Versions of the command before keys have none. */
  readonly hasKey: boolean;
  readonly stepUpRole: string | undefined;
}

type Decision =
  | { readonly grantId: string; readonly user: string }
  | { readonly error: 'access_denied'; readonly detail: string };

export interface AuthorizationServer {
  /** @throws BrokerError command_line_refused, store_unavailable or internal, where the answer is a page */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    facts: RequestFacts,
    browser: BrowserSecrets,
  ): Promise<void>;
  /** @throws BrokerError command_line_refused for another browser, and for a request that has expired or was decided */
  pending(visit: Visit, uid: string): Promise<PendingRequest>;
  /**
   * The first answer counts.
   * @returns the path on which the browser goes on
   * @throws BrokerError command_line_refused, if there was one
   */
  decide(visit: Visit, asked: PendingRequest, decision: Decision): Promise<string>;
  /**
   * Why a person refused. The address in the browser names the request_uri; the verifier is with the command line alone, so
   * that another client learns nothing and cannot end its wait.
   */
  refusal(requestUri: string, verifier: string): Promise<string | undefined>;
  /** The grant of an access token, or why it is refused. */
  openToken(presented: PresentedToken): Promise<OpenedToken>;
}

/** A browser on our own pages. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly browser: BrowserSecrets;
}

export interface PresentedToken extends ProofRequest {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly token: string;
}

/** `nonce` is for the client's next proof. */
export type OpenedToken =
  | { readonly grant: Grant; readonly name: string; readonly nonce: string | undefined }
  | { readonly refused: 'invalid_token' | 'outdated_client' | ProofProblem; readonly nonce: string | undefined };

export interface AuthorizationServerDeps extends ExchangeDeps {
  readonly usedProofs: OneTimeStore<never>;
  readonly refusals: OneTimeStore<string>;
  readonly keyValue: KeyValue;
  readonly sealer: Sealer;
}

/** Longer than a command line waits. */
const refusalKeptMs = 10 * 60_000;

export function createAuthorizationServer(deps: AuthorizationServerDeps): AuthorizationServer {
  const { config, grants } = deps;
  // The library's own context is not there while it looks at an interaction for our pages.
  const exchanges = new AsyncLocalStorage<Exchange>();
  const endGrant = async (id: string) => {
    const grant = await grants.read(id);
    if (!(await grants.end(id)) || !grant) return;
    const ctx = Provider.ctx;
    const reason = ctx?.oidc.route === 'revocation' ? 'revoked' : 'reuse';
    await deps.audit.record(
      { event: 'grant_ended', reason, ...grantFacts(grant.session, grants.nameOf(id)) },
      exchanges.getStore()?.facts,
    );
  };
  const provider = createProvider({
    config,
    sessionOfBrowser: () => exchanges.getStore()?.browser.session,
    adapter: createTokenAdapters({ ...deps, endGrant, browser: () => exchanges.getStore()?.browser }),
    renderError: (ctx, out, error) => {
      const exchange = exchanges.getStore();
      // The broker answers: a page like every other.
      ctx.respond = false;
      if (exchange) exchange.failure = toPageError(error, out);
    },
  });
  noteErrors(provider, exchanges);
  provider.use((ctx, next) => completeExchange(deps, ctx as KoaContextWithOIDC, next, exchanges.getStore()));
  const callback = provider.callback();
  const proofs = createProofVerifier(deps);
  return {
    answer: async (request, response, facts, browser) => {
      const exchange: Exchange = { facts, browser };
      // Express has judged Host and https; the library reads them again, and is told the same.
      request.headers['x-forwarded-proto'] = new URL(config.baseUrl).protocol.slice(0, -1);
      delete request.headers['x-forwarded-host'];
      await exchanges.run(exchange, () => callback(request, response));
      if (exchange.failure) throw exchange.failure;
    },
    pending: (visit, uid) => exchanges.run({ browser: visit.browser }, () => readPending(deps, provider, visit, uid)),
    decide: async ({ request, response, browser }, { refusalKey }, decision) => {
      const result =
        'error' in decision
          ? { error: decision.error, error_description: decision.detail }
          : {
              login: { accountId: decision.user, remember: false },
              confirm: { session: browser.session },
              consent: { grantId: decision.grantId },
            };
      const next = await exchanges.run({ browser }, () =>
        provider.interactionResult(request, response, result, { mergeWithLastSubmission: false }),
      );
      if ('error' in decision) await deps.refusals.put(refusalKey, decision.detail, refusalKeptMs);
      return new URL(next).pathname;
    },
    refusal: (requestUri, verifier) =>
      deps.refusals.peek(refusalKey(requestUri, createHash('sha256').update(verifier).digest('base64url'))),
    openToken: (presented) => openToken(deps, provider, proofs, presented),
  };
}

/** RFC 9449 §7.1: a token with a key opens nothing without a proof, and one without a key nothing with one. */
async function openToken(
  { config, grants }: AuthorizationServerDeps,
  provider: Provider,
  proofs: ProofVerifier,
  { scheme, token, ...request }: PresentedToken,
): Promise<OpenedToken> {
  const nonce = scheme === 'DPoP' ? proofs.nonce() : undefined;
  const found = await provider.AccessToken.find(token);
  const { jkt } = (found ?? {}) as { readonly jkt?: string | undefined };
  if (!found?.isValid || found.grantId === undefined) return { refused: 'invalid_token', nonce };
  if ((jkt === undefined) !== (scheme === 'Bearer')) return { refused: 'invalid_token', nonce };
  if (jkt === undefined && config.cliSignIn.requireDpop) return { refused: 'outdated_client', nonce };
  const problem = jkt === undefined ? undefined : await proofs.verify(request, token, jkt);
  if (problem) return { refused: problem, nonce };
  const grant = await grants.read(found.grantId);
  return grant ? { grant, name: grants.nameOf(found.grantId), nonce } : { refused: 'invalid_token', nonce };
}

/** So that completeExchange() knows why a request was refused. */
function noteErrors(provider: Provider, exchanges: AsyncLocalStorage<Exchange>): void {
  const noteError = (_ctx: KoaContextWithOIDC, error: Error) => {
    const exchange = exchanges.getStore();
    if (exchange) exchange.error = error;
  };
  for (const event of [
    'grant.error',
    'pushed_authorization_request.error',
    'revocation.error',
    'introspection.error',
  ]) {
    provider.on(event as 'grant.error', noteError);
  }
  provider.on('server_error', noteError);
}

async function readPending(
  { pendingRequests, config }: AuthorizationServerDeps,
  provider: Provider,
  { request, response }: Visit,
  uid: string,
): Promise<PendingRequest> {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    throw error instanceof BrokerError ? error : refused('this browser has no such sign-in of a command line', error);
  });
  const { params, parJti } = interaction as typeof interaction & { parJti?: string };
  const origin = await pendingRequests.peek(parJti ?? '');
  if (interaction.uid !== uid || interaction.result !== undefined || !origin)
    throw refused('another one, or answered before');
  return {
    uid,
    refusalKey: refusalKey(requestUriPrefix + parJti, String(params['code_challenge'])),
    device: deviceOf(params),
    sourceIp: origin.sourceIp,
    askedAt: origin.at,
    isRemote: params['redirect_uri'] === config.baseUrl + remoteRedirectPath,
    code: confirmationCode(String(params['code_challenge'])),
    isFreshWanted: params['prompt'] === freshSignIn.prompt,
    hasKey: params['dpop_jkt'] !== undefined,
    stepUpRole: textOf(params[stepUpParameter]),
  };
}

/** RFC 9126 §2.2. */
const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:';

function refusalKey(requestUri: string, challenge: string): string {
  return JSON.stringify([requestUri, challenge]);
}

function toPageError(
  error: Error,
  { error: code, error_description }: { error: string; error_description?: string | undefined },
) {
  if (error instanceof BrokerError) return error;
  if (code === 'server_error') return new BrokerError('internal', 'authorization server', { cause: error });
  return refused(`${code}: ${error_description ?? ''}`.slice(0, 200), error);
}

function refused(message: string, cause?: unknown): BrokerError {
  return new BrokerError('command_line_refused', message, { cause });
}
