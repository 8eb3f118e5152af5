// The authorization server as the rest of the broker sees it: requests in, one decision of a person, Bearer tokens.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { Device, Grant, Grants } from '../broker/grants.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import { confirmationCode, freshSignIn, remoteRedirectPath, stepUpParameter } from '../wire/oauth.ts';
import { createProvider, sessionCookie } from './provider.ts';
import { createTokenAdapters } from './token-adapter.ts';

/** What a command line asks for, and a person has to decide. */
export interface AskedSignIn {
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

export type Decision =
  | { readonly grantId: string; readonly user: string }
  | { readonly error: 'access_denied'; readonly detail: string };

export interface AuthorizationServer {
  /** @throws BrokerError command_line_refused, store_unavailable or internal, where the answer is a page */
  answer(request: IncomingMessage, response: ServerResponse, facts: RequestFacts): Promise<void>;
  /** @throws BrokerError command_line_refused for another browser, and for what is over */
  asked(request: IncomingMessage, response: ServerResponse, uid: string): Promise<AskedSignIn>;
  /** @returns the path on which the browser goes on */
  decide(request: IncomingMessage, response: ServerResponse, decision: Decision): Promise<string>;
  /** Undefined for what is no token of ours, is over or was ended. */
  openBearer(token: string): Promise<Grant | undefined>;
}

export interface AuthorizationServerDeps {
  readonly config: Pick<Config, 'baseUrl' | 'session' | 'commandLine'>;
  readonly keyValue: KeyValue;
  readonly askedRequests: OneTimeStore;
  readonly grants: Grants;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

/** Longer than pushed request and confirmation together. */
const askedTtlMs = 20 * 60_000;

interface AskedFrom {
  readonly sourceIp: string;
  readonly at: number;
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
      { event: 'grant_ended', reason, ...grantFacts(grant, grants.nameOf(id)) },
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
  provider.use((ctx, next) => complete(deps, ctx as KoaContextWithOIDC, next, exchanges.get(ctx.req)));
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
    asked: (request, response, uid) => readAsked(deps, provider, request, response, uid),
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

/** One request and what became of it. */
interface Exchange {
  readonly facts: RequestFacts;
  error?: Error;
  failure?: BrokerError;
}

/** What happens around the library's own answer: records before it goes out, 503 where the store is down. */
async function complete(
  deps: AuthorizationServerDeps,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
  exchange: Exchange | undefined,
): Promise<void> {
  await next();
  if (!exchange || !ctx.oidc) return;
  dropSessionCookie(ctx);
  const { error } = exchange;
  try {
    if (error) await recordRefusal(deps, ctx, error, exchange.facts);
    else await recordSuccess(deps, ctx, exchange.facts);
  } catch (failed) {
    exchange.error = failed as Error;
  }
  if (exchange.error instanceof BrokerError) {
    deps.log.error({ requestId: exchange.facts.requestId, detail: exchange.error.message }, 'authorization server');
    ctx.status = 503;
    ctx.set('Retry-After', '5');
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };
  }
}

async function recordRefusal(
  { audit, log }: AuthorizationServerDeps,
  ctx: KoaContextWithOIDC,
  error: Error & { readonly error?: string; readonly error_description?: string; readonly error_detail?: string },
  facts: RequestFacts,
): Promise<void> {
  if (error instanceof BrokerError) return;
  const { error: code = 'server_error', error_detail, error_description } = error;
  if (code === 'server_error') log.error({ requestId: facts.requestId, stack: error.stack }, 'authorization server');
  const detail = error_detail ?? error_description ?? '';
  await audit.record(
    { event: 'token_refused', endpoint: ctx.oidc.route ?? '', code, detail: detail.slice(0, 200) },
    facts,
  );
}

async function recordSuccess(
  deps: AuthorizationServerDeps,
  ctx: KoaContextWithOIDC,
  facts: RequestFacts,
): Promise<void> {
  const { askedRequests, clock, grants, audit, config } = deps;
  const { route, entities, params } = ctx.oidc;
  if (route === 'pushed_authorization_request' && ctx.status === 201) {
    const at: AskedFrom = { sourceIp: facts.sourceIp, at: clock.now().getTime() };
    await askedRequests.put(entities.PushedAuthorizationRequest?.jti ?? '', at, askedTtlMs);
    const isRemote = params?.['redirect_uri'] === config.baseUrl + remoteRedirectPath;
    await audit.record({ event: 'command_line_asked', isRemote, ...deviceFacts(deviceOf(params)) }, facts);
  }
  const grantId = entities.AuthorizationCode?.grantId;
  if (route === 'token' && grantId !== undefined) {
    const grant = await grants.read(grantId);
    if (!grant || !(await grants.activate(grantId))) throw new BrokerError('store_unavailable', 'the grant has ended');
    const name = grants.nameOf(grantId);
    const event = { event: 'grant_opened', askedFrom: grant.sourceIp } as const;
    await audit.record({ ...event, ...grantFacts(grant, name), ...deviceFacts(grant.device) }, facts);
  }
}

async function readAsked(
  { askedRequests, config }: AuthorizationServerDeps,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<AskedSignIn> {
  const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
    throw error instanceof BrokerError ? error : refused('this browser has no such sign-in of a command line', error);
  });
  const { params, parJti } = interaction as typeof interaction & { parJti?: string };
  const from = (await askedRequests.peek(parJti ?? '')) as AskedFrom | undefined;
  if (interaction.uid !== uid || interaction.result !== undefined || !from)
    throw refused('another one, or answered before');
  return {
    uid,
    device: deviceOf(params),
    sourceIp: from.sourceIp,
    askedAt: from.at,
    isRemote: params['redirect_uri'] === config.baseUrl + remoteRedirectPath,
    code: confirmationCode(String(params['code_challenge'])),
    isFreshWanted: params['prompt'] === freshSignIn.prompt,
    stepUpRole: textOf(params[stepUpParameter]),
  };
}

function deviceOf(params: Readonly<Record<string, unknown>> | undefined): Device {
  const text = (name: string) => textOf(params?.[name]) ?? '';
  return { host: text('device_host'), os: text('device_os'), user: text('device_user') };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function deviceFacts({ host, os, user }: Device) {
  return { deviceHost: host, deviceOs: os, deviceUser: user };
}

export function grantFacts({ session }: Pick<Grant, 'session'>, grant: string) {
  const { identity, assertionId } = session;
  return { grant, idp: identity.idp, user: identity.user, signInAssertionId: assertionId };
}

// The library saves a session that our adapter forgets: its cookie would be a name for nothing.
function dropSessionCookie(ctx: KoaContextWithOIDC): void {
  const set = [ctx.response.get('set-cookie') ?? []].flat();
  const left = set.filter((line) => !line.startsWith(`${sessionCookie}=`) && !line.startsWith(`${sessionCookie}.sig=`));
  if (left.length === set.length) return;
  if (left.length > 0) ctx.set('set-cookie', left);
  else ctx.remove('set-cookie');
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
