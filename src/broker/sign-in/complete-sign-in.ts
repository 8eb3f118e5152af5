// Sign-in through a SAML identity provider. The order is the promise: look up what this browser asked for, validate, claim
// the assertion's id, take the pending sign-in; only a request that wins both gets the session.
import type { RequestFacts } from '../../audit/events.ts';
import { BrokerError, requireSaml, samlRefusal } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { responseIssuer } from '../../saml/gate.ts';
import { type Assertion, isAttempt, receiveResponse, type ValidatedResponse } from '../../saml/validate-response.ts';
import { type OneTimeStore, usedBeforeDetail } from '../../store/one-time.ts';
import type { IdpResponses } from '../credentials/idp-response.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import { identityFrom } from './identity.ts';
import type { AnswerRequest, SessionOpener } from './open-session.ts';
import { nothingPending, pendingSecret, pendingTtlMs, type SignInRequest } from './pending-sign-in.ts';
import type { ReferenceCheck } from './reference-check.ts';
import type { SignedInSession } from './session.ts';
import { type PendingSamlSignIn, type SignInStep, type StartDeps, startSignIn } from './start-sign-in.ts';
import { expectationsOf, type ValidateDeps, validate } from './validate-answer.ts';

/** What a browser posts to the AssertionConsumerService. */
interface PostedForm extends AnswerRequest {
  /** As the form had them: a string, nothing, or several. */
  readonly samlResponse: unknown;
  readonly relayState: unknown;
}

export interface SignIn {
  /** @throws BrokerError not_found, idp_unavailable or store_unavailable */
  start(request: SignInRequest): Promise<SignInStep>;
  /** @returns where to go on. @throws BrokerError saml_refused, store_unavailable or audit_unavailable */
  complete(form: PostedForm): Promise<string>;
  /** Of a sign-in that was refused before it came to its response. */
  recordRefusal(request: RequestFacts, error: unknown): Promise<void>;
}

export interface SignInDeps extends StartDeps, ValidateDeps {
  readonly assertionIds: OneTimeStore<never>;
  readonly opener: SessionOpener;
  readonly reference: ReferenceCheck;
  /** Ends the CLI sessions of a person. */
  readonly endCliSessions: (session: SignedInSession) => Promise<unknown>;
  readonly idps: IdpDirectory;
  readonly log: Logger;
  readonly serviceProvider: StartDeps['serviceProvider'] & ValidateDeps['serviceProvider'];
  /** Claims that some rule reads. */
  readonly claimNames: readonly string[];
  readonly absoluteTimeoutMs: number;
  /** Undefined where no rule forwards. */
  readonly idpResponses: IdpResponses | undefined;
}

export function createSignIn(deps: SignInDeps): SignIn {
  const { opener } = deps;
  return {
    start: (request) => startSignIn(deps, request),
    complete: async (form) => {
      let idp: string | undefined;
      try {
        const message = only(form.samlResponse);
        const relayState = only(form.relayState ?? '');
        const secret = pendingSecret(form.browserSecret, relayState);
        const pending = await deps.pendingSignIns.peek(secret);
        if (!pending) return await completeUnsolicited(deps, form, message, relayState);
        idp = pending.idp;
        return await completePending(deps, form, message, pending, secret);
      } catch (error) {
        await opener.recordRefusal(form.request, idp, error);
        throw error;
      }
    },
    recordRefusal: (request, error) => opener.recordRefusal(request, undefined, error),
  };
}

/** The browser's pending sign-in was found: peek → validate → check by the reference → claim → take → open. */
async function completePending(
  deps: SignInDeps,
  form: PostedForm,
  message: string,
  pending: PendingSamlSignIn,
  secret: string,
): Promise<string> {
  const now = deps.clock.now();
  const asked = {
    inResponseTo: pending.requestId,
    authenticatedAfter: pending.forceAuthn ? new Date(pending.startedAt) : undefined,
  };
  const received = receiveResponse(message, expectationsOf(deps, pending.idp, asked), now);
  try {
    const validated = await validate(deps, pending.idp, message, now, asked, received);
    return await openPending(deps, form, validated, { message, pending, secret, now });
  } catch (error) {
    const isRefused = error instanceof BrokerError && error.code === 'saml_refused';
    if (isRefused && isAttempt(received, expectationsOf(deps, pending.idp, asked))) {
      await deps.pendingSignIns.countFailure(secret, { most: maxAttempts, ttlMs: pendingTtlMs });
    }
    throw error;
  }
}

/** Answers with a Signature that are refused, to one request of one browser: after so many the person starts again. */
const maxAttempts = 5;

interface Answered {
  readonly message: string;
  readonly pending: PendingSamlSignIn;
  readonly secret: string;
  readonly now: Date;
}

async function openPending(
  deps: SignInDeps,
  form: PostedForm,
  validated: ValidatedResponse,
  { message, pending, secret, now }: Answered,
): Promise<string> {
  const { assertion } = validated;
  const session = toSession(deps, pending.idp, assertion, now, pending);
  await deps.reference.before(validated, session, form.request);
  const outcome = await deps.pendingSignIns.takeAfter(deps.assertionIds.markOf(...used(assertion, now)), secret);
  if (outcome === 'used') throw await usedBefore(deps, assertion, now);
  requireSaml(outcome !== 'gone', 'replay', 'this pending login was answered before');
  const stored = await storeResponse(deps, message, assertion, session, now);
  const { returnTo, end } = await deps.opener.replace(form, pending, stored, assertion.issueInstant);
  sampleAfter(deps, form, validated, session, end);
  return returnTo;
}

/**
 * IdP-initiated sign-in: a response that no request asked for (Profiles §4.1.5). Off unless an IdP's configuration allows
 * it: anyone who can make a browser post can sign it in as another person. Validate → check → claim → open.
 */
async function completeUnsolicited(
  deps: SignInDeps,
  form: PostedForm,
  message: string,
  relayState: string,
): Promise<string> {
  // The Issuer is not verified yet. It only says whose keys and rules are to be applied, all of them.
  const { idps, clock } = deps;
  const allowed = idps.list().filter((idp) => idp.unsolicited.allowed);
  const { message: detail, details } = nothingPending('RelayState', relayState, clock.now());
  const refusal = samlRefusal('correlation', detail, details);
  if (allowed.length === 0) throw refusal;
  const issuer = responseIssuer(message);
  const candidate = allowed.map((idp) => idps.find(idp.id)).find(({ metadata }) => metadata.entityId === issuer);
  if (!candidate) throw refusal;
  const { id: idp, unsolicited } = candidate.config;
  const now = deps.clock.now();
  // Without a request, InResponseTo must be absent: a value belongs to another browser's sign-in.
  const validated = await validate(deps, idp, message, now, { inResponseTo: undefined, authenticatedAfter: undefined });
  const { assertion } = validated;
  const session = toSession(deps, idp, assertion, now);
  await deps.reference.before(validated, session, form.request);
  const isFirst = await deps.assertionIds.claim(...used(assertion, now));
  if (!isFirst) throw await usedBefore(deps, assertion, now);
  const stored = await storeResponse(deps, message, assertion, session, now);
  const { end } = await deps.opener.open(form, stored, assertion.issueInstant);
  sampleAfter(deps, form, validated, session, end);
  // RelayState is a hint that anyone may have written: it picks from our list or is ignored.
  return unsolicited.returnTo.find((path) => path === relayState) ?? '/';
}

/** Takes a sample of the sign-ins to the reference verifier, which ends the session if it disagrees. */
function sampleAfter(
  { reference, endCliSessions }: SignInDeps,
  { request }: PostedForm,
  validated: ValidatedResponse,
  session: SignedInSession,
  endSession: () => Promise<void>,
): void {
  const end = async () => {
    await endSession();
    await endCliSessions(session);
  };
  reference.after(validated, { session, request, end });
}

/** Twice, or not at all: which one would be meant? */
function only(value: unknown): string {
  if (typeof value === 'string') return value;
  throw samlRefusal('malformed', 'not exactly one SAMLResponse and at most one RelayState in the form');
}

/** @param pending undefined for a sign-in that nothing asked for. @throws BrokerError saml_refused */
function toSession(
  { idps, log, claimNames, absoluteTimeoutMs }: SignInDeps,
  idp: string,
  assertion: Assertion,
  now: Date,
  pending?: PendingSamlSignIn,
): SignedInSession {
  const { attributes, trustAuthnInstant } = idps.find(idp).config;
  const element = assertion.elementValues.get(attributes.groups);
  if (element !== undefined)
    log.warn({ idp, attribute: attributes.groups }, `a group is an element (${element}), not text`);
  const isAuthnInstantKnown = trustAuthnInstant || pending?.forceAuthn === true;
  const idpEnd = assertion.authn.sessionNotOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    identity: identityFrom(assertion, { idp, attributes, claimNames, isAuthnInstantKnown }),
    nameId: assertion.nameId,
    sessionIndex: assertion.authn.sessionIndex,
    assertionId: assertion.id,
    expiresAt: Math.min(now.getTime() + absoluteTimeoutMs, idpEnd),
    steppedUpFor: pending?.stepUpRole,
  };
}

/** Between the clocks of two processes: the one that is behind still accepts what the other marked as used. */
const clockDifferenceMs = 120_000;

/**
 * Profiles §4.1.4.5: a bearer assertion is used once. Only an assertion that was fully validated comes this far.
 * @returns under which id it is marked as used, and for how long
 */
function used({ issuer, id, expiresAt }: Assertion, now: Date): [id: string, ttlMs: number] {
  return [JSON.stringify([issuer, id]), expiresAt.getTime() - now.getTime() + clockDifferenceMs];
}

async function usedBefore({ assertionIds }: SignInDeps, assertion: Assertion, now: Date) {
  const [id] = used(assertion, now);
  return samlRefusal('replay', usedBeforeDetail('assertion', await assertionIds.findMark(id)));
}

/** Only for a sign-in that was claimed. @returns the session to open. @throws BrokerError store_unavailable */
async function storeResponse(
  { idpResponses }: SignInDeps,
  message: string,
  assertion: Assertion,
  session: SignedInSession,
  now: Date,
): Promise<SignedInSession> {
  return idpResponses ? idpResponses.keep(message, assertion, session, now) : session;
}
