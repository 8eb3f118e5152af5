// The authorization server as the rest of the broker sees it: requests in, one decision of a person, Bearer tokens.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { RequestFacts } from '../audit/events.ts';
import type { Device, Grant } from '../broker/grants/grants.ts';
import { BrokerError } from '../errors.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { Sealer } from '../store/sealing.ts';
import { confirmationCode, freshSignIn, remoteRedirectPath, stepUpParameter } from '../wire/oauth.ts';
import { completeExchange, deviceOf, type Exchange, type ExchangeDeps, grantFacts, textOf } from './exchange.ts';
import { createProvider } from './provider.ts';
import { createTokenAdapters } from './token-adapter.ts';

/** What a command line asks for, and a person has to decide. */
export interface PendingRequest {
  readonly uid: string;
  readonly device: Device;
  /** Address and time of the pushed request, as this server saw them. */
  readonly sourceIp: string;
  readonly askedAt: number;
  /** The code is to be copied by hand. */
  readonly isRemote: boolean;
  /** What the terminal shows. */
  readonly code: string;
  readonly isFreshWanted: boolean;
  readonly stepUpRole: string | undefined;
}

type Decision =
  | { readonly grantId: string; readonly user: string }
  | { readonly error: 'access_denied'; readonly detail: string };

export interface AuthorizationServer {
  /** @throws BrokerError command_line_refused, store_unavailable or internal, where the answer is a page */
  answer(request: IncomingMessage, response: ServerResponse, facts: RequestFacts): Promise<void>;
  /** @throws BrokerError command_line_refused for another browser, and for a request that has expired or was decided */
  pending(request: IncomingMessage, response: ServerResponse, uid: string): Promise<PendingRequest>;
  /** @returns the path on which the browser goes on */
  decide(request: IncomingMessage, response: ServerResponse, decision: Decision): Promise<string>;
  /** Undefined if the token is unknown, expired or revoked. */
  openBearer(token: string): Promise<Grant | undefined>;
}

export interface AuthorizationServerDeps extends ExchangeDeps {
  readonly keyValue: KeyValue;
  readonly sealer: Sealer;
}

export function createAuthorizationServer(deps: AuthorizationServerDeps): AuthorizationServer {
  const { config, grants } = deps;
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const exchangeOf = (ctx: KoaContextWithOIDC | undefined) => ctx && exchanges.get(ctx.req);
  const endGrant = async (id: string) => {
    const grant = await grants.read(id);
    if (!(await grants.end(id)) || !grant) return;
    const ctx = Provider.ctx;
    const reason = ctx?.oidc.route === 'revocation' ? 'revoked' : 'reuse';
    await deps.audit.record(
      { event: 'grant_ended', reason, ...grantFacts(grant.session, grants.nameOf(id)) },
      exchangeOf(ctx)?.facts,
    );
  };
  const provider = createProvider({
    config,
    adapter: createTokenAdapters({ ...deps, endGrant }),
    renderError: (ctx, out, error) => {
      const exchange = exchanges.get(ctx.req);
      // Ours to answer: a page like every other.
      ctx.respond = false;
      if (exchange) exchange.failure = toPageError(error, out);
    },
  });
  noteErrors(provider, exchanges);
  provider.use((ctx, next) => completeExchange(deps, ctx as KoaContextWithOIDC, next, exchanges.get(ctx.req)));
  const callback = provider.callback();
  return {
    answer: async (request, response, facts) => {
      const exchange: Exchange = { facts };
      exchanges.set(request, exchange);
      // Express has judged Host and https; the library reads them again, and is told the same.
      request.headers['x-forwarded-proto'] = new URL(config.baseUrl).protocol.slice(0, -1);
      delete request.headers['x-forwarded-host'];
      await callback(request, response);
      if (exchange.failure) throw exchange.failure;
    },
    pending: (request, response, uid) => readPending(deps, provider, request, response, uid),
    decide: async (request, response, decision) => {
      const result =
        'error' in decision
          ? { error: decision.error, error_description: decision.detail }
          : {
              login: { accountId: decision.user, remember: false },
              confirm: {},
              consent: { grantId: decision.grantId },
            };
      const next = await provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
      return new URL(next).pathname;
    },
    openBearer: async (token) => {
      const found = await provider.AccessToken.find(token);
      return found?.isValid && found.grantId !== undefined ? grants.read(found.grantId) : undefined;
    },
  };
}

/** So that completeExchange() knows why a request was refused. */
function noteErrors(provider: Provider, exchanges: WeakMap<IncomingMessage, Exchange>): void {
  const noteError = (ctx: KoaContextWithOIDC, error: Error) => {
    const exchange = exchanges.get(ctx.req);
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
  request: IncomingMessage,
  response: ServerResponse,
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
    device: deviceOf(params),
    sourceIp: origin.sourceIp,
    askedAt: origin.at,
    isRemote: params['redirect_uri'] === config.baseUrl + remoteRedirectPath,
    code: confirmationCode(String(params['code_challenge'])),
    isFreshWanted: params['prompt'] === freshSignIn.prompt,
    stepUpRole: textOf(params[stepUpParameter]),
  };
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
