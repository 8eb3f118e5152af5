// From a posted SAMLResponse to a session. The order is the promise: look up what this browser asked for, validate,
// claim the assertion's id, take the pending login; only who wins both gets a session.
import { principalKey } from '../access/principal.ts';
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { Clock } from '../clock.ts';
import { BrokerError, requireSaml, samlRefusal } from '../errors.ts';
import { type Assertion, validateResponse } from '../saml/validate-response.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import type { SessionStore } from '../store/session.ts';
import { type IdentitySource, identityFrom } from './identity.ts';
import type { IdpDirectory } from './idp-directory.ts';
import { type PendingLogin, pendingLoginSecret } from './pending-login.ts';
import type { SignedInSession } from './session.ts';

export interface CompleteLoginDeps {
  readonly idps: IdpDirectory;
  readonly pendingLogins: OneTimeStore;
  readonly assertionIds: OneTimeStore;
  readonly sessions: SessionStore;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly serviceProvider: { readonly entityId: string; readonly acsUrl: string };
  readonly claimNames: readonly string[];
  readonly absoluteTimeoutMs: number;
}

export interface PostedResponse {
  readonly samlResponse: string;
  readonly relayState: string;
  readonly browserSecret: string;
  readonly request: RequestFacts;
  /** Opens the browser's new session, under a new id. */
  readonly openSession: (session: SignedInSession) => Promise<void>;
}

/** @returns where to go on. @throws BrokerError saml_refused, store_unavailable or audit_unavailable */
export async function completeLogin(deps: CompleteLoginDeps, posted: PostedResponse): Promise<string> {
  let idp: string | undefined;
  try {
    const secret = pendingLoginSecret(posted.browserSecret, posted.relayState);
    const pending = await findPending(deps, secret);
    idp = pending.idp;
    const now = deps.clock.now();
    const assertion = await validate(deps, posted.samlResponse, pending, now);
    const session = toSession(deps, assertion, pending, now);
    await consume(deps, assertion, secret, now);
    return await open(deps, posted, pending, session);
  } catch (error) {
    await recordRefusal(deps, posted.request, idp, error);
    throw error;
  }
}

async function findPending({ pendingLogins }: CompleteLoginDeps, secret: string): Promise<PendingLogin> {
  const pending = await pendingLogins.peek(secret);
  // Sealed by us: what opens is a PendingLogin.
  if (pending !== undefined) return pending as PendingLogin;
  throw samlRefusal('correlation', 'this browser has no pending login for this RelayState');
}

function validate(deps: CompleteLoginDeps, message: string, pending: PendingLogin, now: Date): Promise<Assertion> {
  const { config, metadata } = deps.idps.find(pending.idp);
  const expectations = {
    idp: {
      entityId: metadata.entityId,
      signingCertificates: metadata.signingCertificates,
      wantAssertionsSigned: config.wantAssertionsSigned,
      wantResponseSigned: config.wantResponseSigned,
    },
    acsUrl: deps.serviceProvider.acsUrl,
    spEntityId: deps.serviceProvider.entityId,
    inResponseTo: pending.requestId,
    clockSkewMs: config.clockSkewMs,
    authenticatedAfter: pending.forceAuthn ? new Date(pending.startedAt) : undefined,
  };
  return validateResponse(message, expectations, now);
}

function toSession(deps: CompleteLoginDeps, assertion: Assertion, pending: PendingLogin, now: Date): SignedInSession {
  const { config } = deps.idps.find(pending.idp);
  const source: IdentitySource = { idp: pending.idp, attributes: config.attributes, claimNames: deps.claimNames };
  const idpEnd = assertion.authn.sessionNotOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    identity: identityFrom(assertion, source),
    nameId: assertion.nameId,
    sessionIndex: assertion.authn.sessionIndex,
    assertionId: assertion.id,
    expiresAt: Math.min(now.getTime() + deps.absoluteTimeoutMs, idpEnd),
    steppedUpFor: pending.stepUpRole,
  };
}

// Profiles §4.1.4.5: a bearer assertion is used once. Nothing that was not fully validated comes this far.
async function consume(deps: CompleteLoginDeps, assertion: Assertion, secret: string, now: Date): Promise<void> {
  const ttlMs = assertion.expiresAt.getTime() - now.getTime();
  const isFirst = await deps.assertionIds.claim(JSON.stringify([assertion.issuer, assertion.id]), ttlMs);
  requireSaml(isFirst, 'replay', 'this assertion was used before');
  const taken = await deps.pendingLogins.take(secret);
  requireSaml(taken !== undefined, 'replay', 'this pending login was answered before');
}

async function open(
  deps: CompleteLoginDeps,
  posted: PostedResponse,
  pending: PendingLogin,
  session: SignedInSession,
): Promise<string> {
  const { oldSession, returnTo } = pending;
  if (oldSession) await deps.sessions.destroyByHandle(oldSession.handle);
  await posted.openSession(session);
  const { idp, user, authnContexts } = session.identity;
  const event = { event: 'sign_in', idp, user, assertionId: session.assertionId, authnContexts } as const;
  await deps.audit.record(event, posted.request);
  // A step-up that somebody else answered: they are signed in, and what the first person had chosen is dropped.
  const isSomebodyElse = oldSession !== undefined && oldSession.principal !== principalKey(session.identity);
  return isSomebodyElse ? '/' : returnTo;
}

async function recordRefusal(deps: CompleteLoginDeps, request: RequestFacts, idp: string | undefined, error: unknown) {
  const known = error instanceof BrokerError ? error : undefined;
  await deps.audit.record(
    {
      event: 'sign_in_refused',
      idp,
      code: known?.code ?? 'internal',
      reason: known?.reason,
      detail: known?.message ?? 'unexpected error',
    },
    request,
  );
}
