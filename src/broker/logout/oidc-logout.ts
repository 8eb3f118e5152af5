// Logout with an OpenID provider: begun here (RP-Initiated Logout 1.0), after the session here has ended, or by the provider
// (Back-Channel Logout 1.0).
import { z } from 'zod';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError, oidcRefusal } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { maxLogoutTokenAgeMs } from '../../oidc/logout-token.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import { type OneTimeStore, usedBeforeDetail } from '../../store/one-time.ts';
import type { Grants } from '../grants/grants.ts';
import type { OidcSessions, PastOidcLogouts } from '../sign-in/oidc-sessions.ts';
import type { OidcProvider } from '../sign-in/oidc-sign-in.ts';
import { refusalFacts } from '../sign-in/open-session.ts';
import { pendingSecret } from '../sign-in/pending-sign-in.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import type { SessionStore } from '../sign-in/session-store.ts';

export interface OidcLogoutDeps {
  readonly providers: ReadonlyMap<string, OidcProvider>;
  /** Pending logouts, and the ids of logout tokens. */
  readonly oidcLogouts: OneTimeStore<PendingOidcLogout>;
  readonly sessions: SessionStore;
  readonly oidcSessions: OidcSessions;
  readonly pastOidcLogouts: PastOidcLogouts;
  readonly grants: Grants;
  readonly audit: Audit;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export const pendingOidcLogoutShape = z.object({
  idp: z.string(),
  user: z.string(),
  idToken: z.string().optional(),
  /** For the page after the answer: the person has CLI sessions that did not end. */
  commandLineGoesOn: z.boolean(),
});
type PendingOidcLogout = Readonly<z.output<typeof pendingOidcLogoutShape>>;

export interface OidcLogout {
  /** @returns the state under which to go on; undefined for a session of another protocol. @throws BrokerError store_unavailable */
  begin(session: SignedInSession, browserSecret: string, commandLineGoesOn: boolean): Promise<string | undefined>;
  /** The URL at the provider; without one where it has no logout or does not answer. Undefined: no such logout waits. */
  continue(
    browserSecret: string,
    state: string,
  ): Promise<{ url: string | undefined; idpLabel: string; commandLineGoesOn: boolean } | undefined>;
  /** The provider sent the browser back. Undefined: no such logout waits in this browser. */
  finish(
    browserSecret: string,
    state: string,
    request: RequestFacts,
  ): Promise<{ readonly commandLineGoesOn: boolean } | undefined>;
  /** @throws BrokerError logout_refused, not_found, idp_unavailable, store_unavailable or audit_unavailable */
  receive(idp: string, logoutToken: unknown, request: RequestFacts): Promise<void>;
}

const pendingTtlMs = 10 * 60_000;

export function createOidcLogout(deps: OidcLogoutDeps): OidcLogout {
  const { providers, oidcLogouts, audit, log, random } = deps;
  return {
    begin: async ({ identity: { idp, user }, oidc }, browserSecret, commandLineGoesOn) => {
      if (!oidc || !providers.has(idp)) return undefined;
      const state = randomSecret(random);
      const pending = { idp, user, idToken: oidc.idToken, commandLineGoesOn };
      await oidcLogouts.put(pendingSecret(browserSecret, state), pending, pendingTtlMs);
      return state;
    },
    continue: async (browserSecret, state) => {
      const pending = await oidcLogouts.peek(pendingSecret(browserSecret, state));
      const provider = pending && providers.get(pending.idp);
      if (!provider) return undefined;
      const { idp, idToken, commandLineGoesOn } = pending;
      const url = await provider.party.endSessionUrl({ idToken, state }).catch((error: unknown) => {
        log.warn(
          { idp, detail: (error as Error).message },
          'signed out here only: the OpenID provider cannot be asked',
        );
        return undefined;
      });
      return { url, idpLabel: provider.config.label, commandLineGoesOn };
    },
    finish: async (browserSecret, state, request) => {
      const pending = await oidcLogouts.take(pendingSecret(browserSecret, state));
      if (!pending) return undefined;
      const { idp, user, commandLineGoesOn } = pending;
      const event = { event: 'logout_answered', idp, user, outcome: 'complete', status: 'returned' } as const;
      await audit.record(event, request);
      return { commandLineGoesOn };
    },
    receive: async (idp, logoutToken, request) => {
      const provider = providers.get(idp);
      if (!provider) throw new BrokerError('not_found', 'no such OpenID provider');
      try {
        await endSessions(deps, provider, logoutToken, request);
      } catch (error) {
        const known = error instanceof BrokerError ? error : undefined;
        const code = known?.code === 'openid_refused' ? 'logout_refused' : (known?.code ?? 'internal');
        const [reason, detail] = [known?.reason, known?.message ?? 'unexpected error'];
        const facts = refusalFacts(known);
        await audit.record(
          { event: 'logout_refused', idp, message: 'LogoutToken', code, reason, detail, ...facts },
          request,
        );
        if (code !== 'logout_refused') throw error;
        const options = { ...(reason && { reason }), details: known?.details ?? {}, cause: error };
        throw new BrokerError('logout_refused', detail, options);
      }
    },
  };
}

async function endSessions(
  deps: OidcLogoutDeps,
  { config: { id: idp, issuer, clockSkewMs }, party }: OidcProvider,
  logoutToken: unknown,
  request: RequestFacts,
): Promise<void> {
  const { oidcLogouts, sessions, oidcSessions, pastOidcLogouts, grants, audit } = deps;
  if (typeof logoutToken !== 'string') throw oidcRefusal('malformed', 'not exactly one logout_token in the form');
  const { jti, sub, sid, issuedAt } = await party.readLogoutToken(logoutToken);
  const [id, ttlMs] = [JSON.stringify([issuer, jti]), maxLogoutTokenAgeMs + 2 * clockSkewMs];
  const mark = await oidcLogouts.findMark(id);
  if (mark) throw oidcRefusal('replay', usedBeforeDetail('logout token', mark));
  const scope = { idp, sub, sid };
  await pastOidcLogouts.remember(scope, issuedAt, ttlMs);
  let sessionsEnded = 0;
  for (const entry of await oidcSessions.find(scope)) {
    if (await sessions.destroyByHandle(entry.value)) sessionsEnded++;
    await oidcSessions.remove(entry);
  }
  const grantsEnded = await grants.endOfOidcLogout(scope);
  const event = { event: 'logout_requested', idp, nameId: sub ?? '', logoutRequestId: jti } as const;
  await audit.record({ ...event, ...(sid === undefined ? {} : { sid }), sessionsEnded, grantsEnded }, request);
  // Last: if anything before fails, the same token still has its effect. Two at once end the same sessions.
  if (!(await oidcLogouts.claim(id, ttlMs))) throw oidcRefusal('replay', 'this logout token was used before');
}
