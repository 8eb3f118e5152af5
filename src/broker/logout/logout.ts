// Signing out, begun here: ends the session first, then asks the identity provider to end its own (Profiles §4.4).
import { z } from 'zod';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { type RandomBytes, randomXmlId } from '../../random.ts';
import { logoutRequestXml } from '../../saml/logout/logout-request.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import type { MessageSigner } from '../../saml/sign-message.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { IdpResponses } from '../credentials/idp-response.ts';
import type { Grants } from '../grants/grants.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import { pendingSecret } from '../sign-in/pending-sign-in.ts';
import { nameIdShape, type SignedInSession } from '../sign-in/session.ts';
import type { SessionIndex } from '../sign-in/session-index.ts';
import type { OidcLogout } from './oidc-logout.ts';

export interface LogoutDeps {
  readonly idps: IdpDirectory;
  readonly sessionIndex: SessionIndex;
  readonly grants: Grants;
  readonly oidcLogout: OidcLogout;
  /** Pending logouts and the ids of LogoutRequests: apart from sign-ins, so that the id of one is never that of the other. */
  readonly logouts: OneTimeStore<PendingLogout>;
  /** Undefined where no rule forwards. */
  readonly idpResponses: IdpResponses | undefined;
  readonly audit: Audit;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly sloUrl: string;
    readonly signing: MessageSigner | undefined;
  };
}

interface LogoutRequest {
  readonly session: SignedInSession | undefined;
  readonly endSession: () => Promise<void>;
  /** The person wants their sign-ins on the command line ended too. */
  readonly endsGrants: boolean;
  /** From the login cookie: the answer has to come back to this browser. */
  readonly browserSecret: string;
  readonly request: RequestFacts;
}

interface LocalLogout {
  /** Under which to go on at the identity provider, if it is to be asked. */
  readonly state: string | undefined;
  /** The person has sign-ins on the command line that this did not end. */
  readonly commandLineGoesOn: boolean;
}

/** A logout that waits for the identity provider's answer. */
export const pendingLogoutShape = z.object({
  idp: z.string(),
  user: z.string(),
  /** ID of our LogoutRequest. */
  requestId: z.string(),
  nameId: nameIdShape,
  sessionIndex: z.string().optional(),
  /** As in LocalLogout, for the page after the answer. */
  commandLineGoesOn: z.boolean(),
});
export type PendingLogout = Readonly<z.output<typeof pendingLogoutShape>>;

export interface Logout {
  /** SDP-SP34: our own session ends first, whatever comes after. @throws BrokerError store_unavailable or audit_unavailable */
  start(input: LogoutRequest): Promise<LocalLogout>;
  /**
   * The URL at the identity provider, with a signed LogoutRequest; undefined where no logout waits in this browser.
   * @throws BrokerError idp_unavailable, store_unavailable, signing_unavailable or signing_refused
   */
  continue(
    browserSecret: string,
    state: string,
  ): Promise<{ url: string; idpLabel: string } | { url: undefined; commandLineGoesOn: boolean } | undefined>;
}

const pendingLogoutTtlMs = 10 * 60_000;
const requestLifetimeMs = 5 * 60_000;

export function createLogout(deps: LogoutDeps): Logout {
  const { idps, sessionIndex: index, grants, logouts, idpResponses, audit, clock, random } = deps;
  const { entityId, signing } = deps.serviceProvider;
  // AD FS refuses an unsigned LogoutRequest (MSIS7074): without a key none is sent. What XML cannot carry cannot be sent.
  const canAsk = (idp: string, values: readonly string[]) =>
    values.every((value) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(value)) &&
    signing !== undefined &&
    idps.metadataOf(idp)?.sloRedirectUrl !== undefined;
  return {
    start: async ({ session, endSession, endsGrants, browserSecret, request }) => {
      await endSession();
      if (!session) return { state: undefined, commandLineGoesOn: false };
      await idpResponses?.end(session);
      const { identity, nameId, sessionIndex } = session;
      const { idp, user } = identity;
      // The identity provider will not ask us to end what belongs to the session that we tell it about.
      const otherSessions =
        nameId && sessionIndex !== undefined
          ? (await index.end({ idp, nameId, sessionIndexes: [sessionIndex] })).ended
          : 0;
      const endedGrants = endsGrants ? { grants: await grants.endOf(identity) } : {};
      await audit.record({ event: 'sign_out', idp, user, otherSessions, ...endedGrants }, request);
      const commandLineGoesOn = await grants.hasAny(identity);
      const oidcState = await deps.oidcLogout.begin(session, browserSecret, commandLineGoesOn);
      if (oidcState !== undefined) return { state: oidcState, commandLineGoesOn };
      if (!nameId || !canAsk(idp, [nameId.value, sessionIndex ?? ''])) return { state: undefined, commandLineGoesOn };
      const requestId = randomXmlId(random);
      // The RelayState is the ID: an answer without RelayState names it too, as InResponseTo.
      const state = requestId;
      const pending: PendingLogout = { idp, user, requestId, nameId, sessionIndex, commandLineGoesOn };
      await logouts.put(pendingSecret(browserSecret, state), pending, pendingLogoutTtlMs);
      return { state, commandLineGoesOn };
    },
    continue: async (browserSecret, state) => {
      const oidc = await deps.oidcLogout.continue(browserSecret, state);
      if (oidc) return oidc.url === undefined ? { ...oidc, url: undefined } : { ...oidc, url: oidc.url };
      const pending = await logouts.peek(pendingSecret(browserSecret, state));
      if (!pending) return undefined;
      const { idp, requestId: id, nameId, sessionIndex } = pending;
      const { config, metadata } = idps.find(idp);
      const destination = metadata.sloRedirectUrl;
      if (destination === undefined || !signing) return undefined;
      const issueInstant = clock.now();
      const notOnOrAfter = new Date(issueInstant.getTime() + requestLifetimeMs);
      const xml = logoutRequestXml({
        ...{ id, issueInstant, notOnOrAfter, destination, issuer: entityId, nameId, sessionIndex },
      });
      const { signer } = signing;
      const url = await redirectUrl({ destination, parameter: 'SAMLRequest', xml, relayState: state, signer });
      return { url, idpLabel: config.label };
    },
  };
}
