// Sign-in through an OpenID provider: as strict about whose answer it is as SAML, and the same session at the end.
import { createHash } from 'node:crypto';
import type { RequestFacts } from '../../audit/events.ts';
import type { OpenidProvider } from '../../config/openid-provider.ts';
import { BrokerError, openidRefusal } from '../../errors.ts';
import type { AskedOfProvider, IdTokenClaims, RelyingParty } from '../../oidc/relying-party.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import { recordRefusal } from './complete-sign-in.ts';
import { identityFromClaims } from './oidc-identity.ts';
import {
  type PendingLogin,
  pendingLoginOf,
  pendingLoginSecret,
  pendingLoginTtlMs,
  type StartLogin,
} from './pending-sign-in.ts';
import type { PostedForm } from './posted-response.ts';
import type { SignedInSession } from './session.ts';
import { replaceSession, type SignInDeps } from './sign-in.ts';

export interface OpenidLoginDeps extends Omit<SignInDeps, 'idps' | 'assertionIds' | 'serviceProvider'> {
  /** By id. Pending logins are apart from those of SAML: neither protocol can answer the other's. */
  readonly providers: ReadonlyMap<string, { readonly config: OpenidProvider; readonly party: RelyingParty }>;
  readonly random: RandomBytes;
}

interface PendingOpenidLogin extends PendingLogin {
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface OpenidCallback extends Pick<PostedForm, 'browserSecret' | 'openSession'> {
  /** Whose redirect URI was called. */
  readonly idp: string;
  /** That URI with what the provider added. */
  readonly url: URL;
  readonly request: RequestFacts;
}

/** @returns the URL at the provider. @throws BrokerError not_found, idp_unavailable or store_unavailable */
export async function startOpenidLogin(deps: OpenidLoginDeps, input: StartLogin): Promise<string> {
  const { party } = find(deps, input.idp);
  const state = randomSecret(deps.random);
  const pending: PendingOpenidLogin = {
    ...pendingLoginOf(input, deps.clock.now()),
    nonce: randomSecret(deps.random),
    codeVerifier: randomSecret(deps.random),
  };
  await deps.pendingLogins.put(pendingLoginSecret(input.browserSecret, state), pending, pendingLoginTtlMs);
  const contexts = input.stepUp?.stepUp?.contexts ?? [];
  return party.authorizationUrl({ ...asked(pending, state), isFresh: pending.forceAuthn, contexts });
}

/** @returns where to go on. @throws BrokerError openid_refused, idp_unavailable, store_unavailable or audit_unavailable */
export async function completeOpenidLogin(deps: OpenidLoginDeps, callback: OpenidCallback): Promise<string> {
  let idp: string | undefined;
  try {
    const state = callback.url.searchParams.get('state') ?? '';
    const secret = pendingLoginSecret(callback.browserSecret, state);
    // Sealed by us: what opens is a PendingOpenidLogin.
    const pending = (await deps.pendingLogins.peek(secret)) as PendingOpenidLogin | undefined;
    if (!pending) throw openidRefusal('correlation', 'this browser has no pending login for this state');
    idp = pending.idp;
    if (idp !== callback.idp) throw openidRefusal('correlation', 'the answer came to the address of another provider');
    const claims = await find(deps, idp).party.redeem(callback.url, asked(pending, state));
    const session = toSession(deps, pending, claims);
    const taken = await deps.pendingLogins.take(secret);
    if (taken === undefined) throw openidRefusal('replay', 'this pending login was answered before');
    return await replaceSession(deps, callback, { pending, session, issuedAt: new Date(claims.iat * 1000) });
  } catch (error) {
    await recordRefusal(deps, callback.request, idp, error);
    throw error;
  }
}

function asked({ nonce, codeVerifier }: PendingOpenidLogin, state: string): AskedOfProvider {
  return { state, nonce, codeVerifier };
}

function toSession(deps: OpenidLoginDeps, pending: PendingOpenidLogin, claims: IdTokenClaims): SignedInSession {
  const { config } = find(deps, pending.idp);
  const identity = identityFromClaims(claims, config, deps.claimNames);
  // Core §3.1.2.1: max_age and prompt=login ask for it; whether it happened, auth_time says.
  const isFresh =
    typeof claims['auth_time'] === 'number' && identity.authnInstant >= pending.startedAt - config.clockSkewMs;
  if (pending.forceAuthn && !isFresh)
    throw openidRefusal('authn_context', 'the provider did not ask for a new sign-in');
  return {
    identity,
    nameId: undefined,
    sessionIndex: undefined,
    assertionId: `id-token:${createHash('sha256')
      .update(JSON.stringify([claims['iss'], claims['nonce']]))
      .digest('hex')}`,
    expiresAt: deps.clock.now().getTime() + deps.absoluteTimeoutMs,
    steppedUpFor: pending.stepUpRole,
  };
}

function find({ providers }: OpenidLoginDeps, id: string) {
  const found = providers.get(id);
  if (!found) throw new BrokerError('not_found', 'no such identity provider');
  return found;
}
