// Sign-in through an OpenID provider: as strict about whose answer it is as SAML, and the same session at the end.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { OpenidProvider } from '../../config/openid-provider.ts';
import { BrokerError, oidcRefusal } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { IdTokenClaims, RelyingParty } from '../../oidc/relying-party.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import { identityFromClaims, unusableGroups } from './oidc-identity.ts';
import type { AnswerRequest, SessionOpener } from './open-session.ts';
import {
  boundOf,
  nothingPending,
  pendingSecret,
  pendingSignIn,
  pendingSignInShape,
  pendingTtlMs,
  type SignInRequest,
  signInState,
} from './pending-sign-in.ts';
import type { SignedInSession } from './session.ts';

interface OidcCallback extends AnswerRequest {
  /** Whose redirect URI was called. */
  readonly idp: string;
  /** That URI with what the provider added. */
  readonly url: URL;
}

export interface OidcSignIn {
  /** Whether this identity provider speaks OpenID Connect. */
  has(idp: string): boolean;
  /** @returns the URL at the provider. @throws BrokerError not_found, idp_unavailable or store_unavailable */
  start(request: SignInRequest): Promise<string>;
  /** @returns where to go on. @throws BrokerError openid_refused, idp_unavailable, store_unavailable or audit_unavailable */
  complete(callback: OidcCallback): Promise<string>;
}

export interface OidcProvider {
  readonly config: OpenidProvider;
  readonly party: RelyingParty;
}

export interface OidcSignInDeps {
  /** By id. */
  readonly providers: ReadonlyMap<string, OidcProvider>;
  /** Apart from those of SAML: neither protocol can answer the other's. */
  readonly pendingSignIns: OneTimeStore<PendingOidcSignIn>;
  readonly opener: SessionOpener;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Claims that some rule reads. */
  readonly claimNames: readonly string[];
  readonly absoluteTimeoutMs: number;
}

export const pendingOidcSignInShape = pendingSignInShape.extend({ nonce: z.string(), codeVerifier: z.string() });
type PendingOidcSignIn = Readonly<z.output<typeof pendingOidcSignInShape>>;

export function createOidcSignIn(deps: OidcSignInDeps): OidcSignIn {
  const { providers, pendingSignIns, opener, clock, random } = deps;
  const find = (id: string): OidcProvider => {
    const found = providers.get(id);
    if (!found) throw new BrokerError('not_found', 'no such identity provider');
    return found;
  };
  return {
    has: (idp) => providers.has(idp),
    start: async (request) => {
      const { party } = find(request.idp);
      const state = signInState(random, clock.now());
      const [nonce, codeVerifier] = [randomSecret(random), randomSecret(random)];
      const pending: PendingOidcSignIn = { ...pendingSignIn(request, clock.now()), nonce, codeVerifier };
      const secret = pendingSecret(request.browserSecret, state);
      await pendingSignIns.put(secret, pending, pendingTtlMs, boundOf(request));
      const contexts = request.stepUp?.contexts ?? [];
      return party.authorizationUrl({ state, nonce, codeVerifier, isFresh: pending.forceAuthn, contexts });
    },
    complete: async (callback) => {
      let idp: string | undefined;
      try {
        const state = callback.url.searchParams.get('state') ?? '';
        const secret = pendingSecret(callback.browserSecret, state);
        const pending = await pendingSignIns.peek(secret);
        if (!pending) {
          const { message, details } = nothingPending('state', state, clock.now());
          throw oidcRefusal('correlation', message, details);
        }
        idp = pending.idp;
        if (idp !== callback.idp)
          throw oidcRefusal('correlation', 'the answer came to the address of another provider');
        const { config, party } = find(idp);
        const { nonce, codeVerifier } = pending;
        const { claims, idToken } = await party.redeem(callback.url, { state, nonce, codeVerifier });
        const kind = unusableGroups(claims, config.attributes);
        if (kind !== undefined) {
          const facts = { idp, claim: config.attributes.groups, kind };
          deps.log.warn(facts, 'groups that are not text are ignored: set openid.groupsMember for objects');
        }
        const session = toSession(deps, config, pending, { claims, idToken });
        const taken = await pendingSignIns.take(secret);
        if (taken === undefined) throw oidcRefusal('replay', 'this pending login was answered before');
        return (await opener.replace(callback, pending, session, new Date(claims.iat * 1000))).returnTo;
      } catch (error) {
        await opener.recordRefusal(callback.request, idp, error);
        throw error;
      }
    },
  };
}

const maxHintLength = 4096;

function toSession(
  { claimNames, clock, absoluteTimeoutMs }: OidcSignInDeps,
  config: OpenidProvider,
  pending: PendingOidcSignIn,
  { claims, idToken }: { claims: IdTokenClaims; idToken: string | undefined },
): SignedInSession {
  const identity = identityFromClaims(claims, config, claimNames);
  // Core §3.1.2.1: max_age and prompt=login ask for it; whether it happened, auth_time says.
  const isFresh =
    typeof claims['auth_time'] === 'number' && identity.authnInstant >= pending.startedAt - config.clockSkewMs;
  if (pending.forceAuthn && !isFresh) throw oidcRefusal('authn_context', 'the provider did not ask for a new sign-in');
  return {
    identity,
    nameId: undefined,
    sessionIndex: undefined,
    assertionId: `id-token:${createHash('sha256')
      .update(JSON.stringify([claims['iss'], claims['nonce']]))
      .digest('hex')}`,
    expiresAt: clock.now().getTime() + absoluteTimeoutMs,
    steppedUpFor: pending.stepUpRole,
    oidc: {
      sub: claims.sub,
      sid: typeof claims['sid'] === 'string' && claims['sid'] !== '' ? claims['sid'] : undefined,
      // It goes into an address: one with hundreds of groups does not fit.
      idToken: idToken !== undefined && idToken.length <= maxHintLength ? idToken : undefined,
    },
  };
}
