// What every sign-in does, whoever began it: validate against one IdP, claim the assertion, open the session.
import type { KeyObject } from 'node:crypto';
import { principalKey } from '../../access/principal.ts';
import type { Audit } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { requireSaml, samlRefusal } from '../../errors.ts';
import type { Expectations } from '../../saml/expectations.ts';
import { type Assertion, validateResponse } from '../../saml/validate-response.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { SessionStore } from '../../store/session.ts';
import type { IdpResponses } from '../credentials/idp-response.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import { identityFrom } from './identity.ts';
import type { PendingLogin } from './pending-sign-in.ts';
import type { PostedForm } from './posted-response.ts';
import type { SignedInSession } from './session.ts';
import { registerSession, type SessionIndexDeps, wasLoggedOut } from './session-index.ts';

export interface SignInDeps {
  readonly idps: IdpDirectory;
  readonly pendingLogins: OneTimeStore;
  readonly assertionIds: OneTimeStore;
  readonly sessions: SessionStore;
  readonly sessionIndex: SessionIndexDeps;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly acsUrl: string;
    readonly decryptionKeys: readonly KeyObject[];
  };
  readonly claimNames: readonly string[];
  readonly absoluteTimeoutMs: number;
  /** Undefined where no rule forwards. */
  readonly idpResponses?: Pick<IdpResponses, 'keep' | 'end'> | undefined;
}

/** What was asked of the IdP: nothing, for an unsolicited response. */
export type Asked = Pick<Expectations, 'inResponseTo' | 'authenticatedAfter'>;

/** One IdP, one verifier: its keys, its rules. @throws BrokerError saml_refused, not_found or idp_unavailable */
export function validateAnswer(
  deps: SignInDeps,
  idp: string,
  message: string,
  now: Date,
  asked: Asked,
): Promise<Assertion> {
  const { config, metadata } = deps.idps.find(idp);
  const { entityId, acsUrl, decryptionKeys } = deps.serviceProvider;
  const expectations = {
    idp: {
      entityId: metadata.entityId,
      signingCertificates: metadata.signingCertificates,
      decryptionKeys,
      wantAssertionsSigned: config.wantAssertionsSigned,
      wantResponseSigned: config.wantResponseSigned,
    },
    acsUrl,
    spEntityId: entityId,
    clockSkewMs: config.clockSkewMs,
    ...asked,
  };
  return validateResponse(message, expectations, now);
}

/** @param stepUpRole the role for which the sign-in was asked to be stronger. @throws BrokerError saml_refused */
export function toSession(
  deps: SignInDeps,
  idp: string,
  assertion: Assertion,
  now: Date,
  stepUpRole: string | undefined,
): SignedInSession {
  const { attributes } = deps.idps.find(idp).config;
  const idpEnd = assertion.authn.sessionNotOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    identity: identityFrom(assertion, { idp, attributes, claimNames: deps.claimNames }),
    nameId: assertion.nameId,
    sessionIndex: assertion.authn.sessionIndex,
    assertionId: assertion.id,
    expiresAt: Math.min(now.getTime() + deps.absoluteTimeoutMs, idpEnd),
    steppedUpFor: stepUpRole,
  };
}

/** Profiles §4.1.4.5: a bearer assertion is used once. Nothing that was not fully validated comes this far. */
export async function claimAssertion({ assertionIds }: SignInDeps, assertion: Assertion, now: Date): Promise<void> {
  const ttlMs = assertion.expiresAt.getTime() - now.getTime();
  const isFirst = await assertionIds.claim(JSON.stringify([assertion.issuer, assertion.id]), ttlMs);
  requireSaml(isFirst, 'replay', 'this assertion was used before');
}

/** Only for a sign-in that was claimed. @returns the session to open. @throws BrokerError store_unavailable */
export async function keepResponse(
  { idpResponses }: SignInDeps,
  { samlResponse }: { samlResponse: string },
  { session, assertion, now }: { session: SignedInSession; assertion: Assertion; now: Date },
): Promise<SignedInSession> {
  return idpResponses ? idpResponses.keep(samlResponse, assertion, session, now) : session;
}

type OpenSessionDeps = Pick<SignInDeps, 'audit' | 'sessions' | 'sessionIndex' | 'clock'>;
/** The request that brought the answer, and a way to give its browser a session. */
type Answered = Pick<PostedForm, 'openSession' | 'request'>;

/** Ends what the sign-in replaces, and opens the new session. @returns where to go on. @throws as openSession */
export async function replaceSession(
  deps: OpenSessionDeps,
  answered: Answered,
  { pending, session, issuedAt }: { pending: PendingLogin; session: SignedInSession; issuedAt: Date },
): Promise<string> {
  const { oldSession, returnTo } = pending;
  if (oldSession) await deps.sessions.destroyByHandle(oldSession.handle);
  const askedAnewAt = pending.forceAuthn ? pending.startedAt : undefined;
  await openSession(deps, answered, { ...session, askedAnewAt }, issuedAt);
  // A step-up that somebody else answered: they are signed in, and what the first person had chosen is dropped.
  const isSomebodyElse = oldSession !== undefined && oldSession.principal !== principalKey(session.identity);
  return isSomebodyElse ? '/' : returnTo;
}

/**
 * @throws BrokerError saml_refused `expired` if the identity provider has ended this session meanwhile, audit_unavailable
 */
export async function openSession(
  { audit, sessions, sessionIndex, clock }: OpenSessionDeps,
  posted: Answered,
  session: SignedInSession,
  issuedAt: Date,
): Promise<void> {
  let opened: string | undefined;
  await posted.openSession(session, async (handle) => {
    opened = handle;
    await registerSession(sessionIndex, session, handle, clock.now());
  });
  if (await wasLoggedOut(sessionIndex, session, issuedAt)) {
    if (opened !== undefined) await sessions.destroyByHandle(opened);
    throw samlRefusal('expired', 'the identity provider has ended this session');
  }
  const { idp, user, authnContexts } = session.identity;
  const event = { event: 'sign_in', idp, user, assertionId: session.assertionId, authnContexts } as const;
  try {
    await audit.record(event, posted.request);
  } catch (error) {
    // The cookie goes out with the 503 as well: a session must lead back to a sign-in that somebody can find.
    if (opened !== undefined) await sessions.destroyByHandle(opened);
    throw error;
  }
}
