// Signing out, begun here: ends the session first, then asks the identity provider to end its own (Profiles §4.4).
import type { KeyObject } from 'node:crypto';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { type RandomBytes, randomSecret, randomXmlId } from '../../random.ts';
import { logoutRequestXml } from '../../saml/logout/logout-request.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import type { NameId } from '../../saml/subject.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { Grants } from '../grants/grants.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import { pendingLoginSecret } from '../sign-in/pending-sign-in.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import { endSessions, type SessionIndexDeps } from '../sign-in/session-index.ts';

export interface LogoutDeps {
  readonly idps: IdpDirectory;
  readonly sessionIndex: SessionIndexDeps;
  readonly grants: Pick<Grants, 'list' | 'endOf' | 'endOfLogout'>;
  /** Pending logouts and the ids of LogoutRequests: apart from logins, so that the id of one is never that of the other. */
  readonly logouts: OneTimeStore;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly sloUrl: string;
    readonly signingKey: KeyObject | undefined;
  };
}

export interface Logout {
  readonly session: SignedInSession | undefined;
  readonly endSession: () => Promise<void>;
  /** The person wants their sign-ins on the command line ended too. */
  readonly endsGrants?: boolean;
  /** From the login cookie: the answer has to come back to this browser. */
  readonly browserSecret: string;
  readonly request: RequestFacts;
}

/** A logout that waits for the identity provider's answer. */
export interface PendingLogout {
  readonly idp: string;
  readonly user: string;
  /** ID of our LogoutRequest. */
  readonly requestId: string;
  readonly nameId: NameId;
  readonly sessionIndex: string | undefined;
  /** As in LoggedOut, for the page after the answer. */
  readonly commandLineGoesOn: boolean;
}

export interface LoggedOut {
  /** Under which to go on at the identity provider, if it is to be asked. */
  readonly state: string | undefined;
  /** The person has sign-ins on the command line that this did not end. */
  readonly commandLineGoesOn: boolean;
}

const pendingLogoutTtlMs = 10 * 60_000;
const requestLifetimeMs = 5 * 60_000;

/** SDP-SP34: our own session ends first, whatever comes after. @throws BrokerError store_unavailable or audit_unavailable */
export async function logout(deps: LogoutDeps, input: Logout): Promise<LoggedOut> {
  const { session, request } = input;
  await input.endSession();
  if (!session) return { state: undefined, commandLineGoesOn: false };
  const { idp, user } = session.identity;
  const otherSessions = await endTwins(deps, session);
  const grants = input.endsGrants ? { grants: await deps.grants.endOf(session.identity) } : {};
  await deps.audit.record({ event: 'sign_out', idp, user, otherSessions, ...grants }, request);
  const commandLineGoesOn = (await deps.grants.list(session.identity)).length > 0;
  const { nameId, sessionIndex } = session;
  if (!nameId || !mayAsk(deps, idp, [nameId.value, sessionIndex ?? ''])) return { state: undefined, commandLineGoesOn };
  const state = randomSecret(deps.random);
  const requestId = randomXmlId(deps.random);
  const pending: PendingLogout = { idp, user, requestId, nameId, sessionIndex, commandLineGoesOn };
  await deps.logouts.put(pendingLoginSecret(input.browserSecret, state), pending, pendingLogoutTtlMs);
  return { state, commandLineGoesOn };
}

/**
 * The URL at the identity provider, with a signed LogoutRequest; undefined where no logout waits in this browser.
 * @throws BrokerError idp_unavailable or store_unavailable
 */
export async function continueLogout(
  deps: LogoutDeps,
  { browserSecret, state }: { readonly browserSecret: string; readonly state: string },
): Promise<{ readonly url: string; readonly idpLabel: string } | undefined> {
  const found = await deps.logouts.peek(pendingLoginSecret(browserSecret, state));
  if (found === undefined) return undefined;
  // Sealed by us: what opens is a PendingLogout.
  const { idp, requestId, nameId, sessionIndex } = found as PendingLogout;
  const { config, metadata } = deps.idps.find(idp);
  const { entityId, signingKey } = deps.serviceProvider;
  const destination = metadata.sloRedirectUrl;
  if (destination === undefined || !signingKey) return undefined;
  const now = deps.clock.now();
  const notOnOrAfter = new Date(now.getTime() + requestLifetimeMs);
  const xml = logoutRequestXml({
    ...{ id: requestId, issueInstant: now, notOnOrAfter, destination, issuer: entityId, nameId, sessionIndex },
  });
  const url = redirectUrl({ destination, parameter: 'SAMLRequest', xml, relayState: state, signingKey });
  return { url, idpLabel: config.label };
}

// The identity provider will not ask us to end what belongs to the session that we tell it about.
async function endTwins({ sessionIndex: deps }: LogoutDeps, session: SignedInSession): Promise<number> {
  const { identity, nameId, sessionIndex } = session;
  if (!nameId || sessionIndex === undefined) return 0;
  return endSessions(deps, { idp: identity.idp, nameId, sessionIndexes: [sessionIndex] });
}

// Unsigned LogoutRequests are refused by those who do it well (AD FS: MSIS7074): without a key none is sent. What XML cannot
// carry cannot be sent back.
function mayAsk({ idps, serviceProvider }: LogoutDeps, idp: string, values: readonly string[]): boolean {
  const isWritable = values.every((value) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(value));
  return isWritable && serviceProvider.signingKey !== undefined && idps.metadataOf(idp)?.sloRedirectUrl !== undefined;
}
