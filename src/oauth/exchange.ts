// What happens around an answer of the library: the audit record before it goes out, 503 where the store is down, and no
// cookie of a session that is not kept.
import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { Grants } from '../broker/grants/grants.ts';
import type { Device } from '../broker/session-entry.ts';
import type { SignedInSession } from '../broker/sign-in/session.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import { remoteRedirectPath } from '../wire/oauth.ts';
import { sessionCookie } from './routes.ts';

export interface ExchangeDeps {
  readonly config: Config;
  readonly pendingRequests: OneTimeStore<RequestOrigin>;
  readonly grants: Grants;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Longer than pushed request and confirmation together. */
const pendingTtlMs = 20 * 60_000;

export const requestOriginShape = z.object({ sourceIp: z.string(), at: z.number() });
type RequestOrigin = Readonly<z.output<typeof requestOriginShape>>;

/** What says which browser asks. Both are from `__Host-` cookies, which no other host can set. */
export interface BrowserSecrets {
  /** The secret of its pending logins. */
  readonly login: string | undefined;
  /** The handle of its signed-in session. */
  readonly session: string | undefined;
}

/** One request and what became of it. */
export interface Exchange {
  readonly facts?: RequestFacts;
  readonly browser: BrowserSecrets;
  error?: Error;
  failure?: BrokerError;
}

/** What happens around the library's own answer: records before it goes out, 503 where the store is down. */
export async function completeExchange(
  deps: ExchangeDeps,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
  exchange: Exchange | undefined,
): Promise<void> {
  await next();
  const { error, facts } = exchange ?? {};
  if (!exchange || !facts || !ctx.oidc) return;
  dropSessionCookie(ctx);
  try {
    if (error) await recordRefusal(deps, ctx, error, facts);
    else await recordSuccess(deps, ctx, facts);
  } catch (failed) {
    exchange.error = failed as Error;
  }
  if (exchange.error instanceof BrokerError) {
    deps.log.error({ requestId: facts.requestId, detail: exchange.error.message }, 'authorization server');
    ctx.status = 503;
    ctx.set('Retry-After', '5');
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };
  }
}

async function recordRefusal(
  { audit, log }: ExchangeDeps,
  ctx: KoaContextWithOIDC,
  error: Error & { readonly error?: string; readonly error_description?: string; readonly error_detail?: string },
  facts: RequestFacts,
): Promise<void> {
  if (error instanceof BrokerError) return;
  const { error: code = 'server_error', error_detail, error_description } = error;
  // A step of the protocol, and no refusal: the client asks again with the nonce. RFC 9449 §8.
  if (code === 'use_dpop_nonce') return;
  if (code === 'server_error') log.error({ requestId: facts.requestId, stack: error.stack }, 'authorization server');
  const detail = error_detail ?? error_description ?? '';
  await audit.record(
    { event: 'token_refused', endpoint: ctx.oidc.route ?? '', code, detail: detail.slice(0, 200) },
    facts,
  );
}

async function recordSuccess(deps: ExchangeDeps, ctx: KoaContextWithOIDC, facts: RequestFacts): Promise<void> {
  const { pendingRequests, clock, grants, audit, config } = deps;
  const { route, entities, params } = ctx.oidc;
  if (route === 'pushed_authorization_request' && ctx.status === 201) {
    const origin: RequestOrigin = { sourceIp: facts.sourceIp, at: clock.now().getTime() };
    await pendingRequests.put(entities.PushedAuthorizationRequest?.jti ?? '', origin, pendingTtlMs);
    const isRemote = params?.['redirect_uri'] === config.baseUrl + remoteRedirectPath;
    await audit.record({ event: 'command_line_asked', isRemote, ...deviceFacts(deviceOf(params)) }, facts);
  }
  const grantId = entities.AuthorizationCode?.grantId;
  if (route === 'token' && grantId !== undefined) {
    const grant = await grants.read(grantId);
    // Ended meanwhile, by a second use of the code for example: then the tokens open nothing, and that has its own record.
    if (!grant || !(await grants.activate(grantId))) return;
    const name = grants.nameOf(grantId);
    const event = { event: 'grant_opened', askedFrom: grant.sourceIp } as const;
    await audit.record({ ...event, ...grantFacts(grant.session, name), ...deviceFacts(grant.device) }, facts);
  }
  const refreshed = grantId === undefined ? entities.RefreshToken?.grantId : undefined;
  if (route === 'token' && refreshed !== undefined) await recordRefresh(deps, refreshed, facts);
}

/**
 * The old token is used up: if this were an error, the machine would present it again, and lose its session as a thief would.
 * The tokens open nothing that has no record.
 */
async function recordRefresh({ grants, audit, log }: ExchangeDeps, id: string, facts: RequestFacts): Promise<void> {
  try {
    const grant = await grants.read(id);
    if (!grant) return;
    const about = { ...grantFacts(grant.session, grants.nameOf(id)), ...deviceFacts(grant.device) };
    await audit.record({ event: 'tokens_refreshed', ...about }, facts);
  } catch (error) {
    log.error({ requestId: facts.requestId, detail: (error as Error).message }, 'refreshed tokens not recorded');
  }
}

export function deviceOf(params: Readonly<Record<string, unknown>> | undefined): Device {
  const text = (name: string) => textOf(params?.[name]) ?? '';
  return { host: text('device_host'), os: text('device_os'), user: text('device_user') };
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function deviceFacts({ host, os, user }: Device) {
  return { deviceHost: host, deviceOs: os, deviceUser: user };
}

export function grantFacts({ identity, assertionId }: SignedInSession, grant: string) {
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
