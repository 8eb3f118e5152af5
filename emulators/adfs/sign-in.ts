// Signs a person in for one relying party: session, password, second factor, then the token.

import { type AuthnRequest, type ChosenContext, chooseContext, satisfiesNameIdPolicy } from './authn-request.ts';
import { nameIdFor } from './claims.ts';
import { AdfsError } from './errors.ts';
import type { Answer, Exchange } from './http.ts';
import { currentSession, type IdentityProvider, issuerOf, logEvent, setCookie } from './identity-provider.ts';
import { status } from './names.ts';
import { codePage, type FormTarget, loginPage, postPage } from './pages.ts';
import { buildResponse, buildStatusResponse } from './response.ts';
import { makeToken, type PendingFactor, type SsoSession } from './sessions.ts';
import type { AdfsUser, NameId, RelyingPartyTrust } from './types.ts';

/** A sign-in that is wanted, by a request or by a click on the party list. */
export interface SignInIntent extends Omit<AuthnRequest, 'id'> {
  readonly trust: RelyingPartyTrust;
  readonly inResponseTo: string | undefined;
  readonly relayState: string | undefined;
  /** How the sign-in form leads back here. */
  readonly target: FormTarget;
}

type Authentication = { readonly session: SsoSession } | { readonly answer: Answer };

const wrongCredentials = 'Incorrect user ID or password. Type the correct user ID and password, and try again.';

/**
 * Answers with a form, or with the page that carries the Response.
 *
 * @throws AdfsError MSIS7042 when one browser signs in too often
 */
export function signIn(idp: IdentityProvider, exchange: Exchange, intent: SignInIntent): Answer {
  const context = chooseContext(intent.requestedContext);
  if (context === undefined) return answerStatus(idp, intent, 'MSIS7102', [status.responder, status.noAuthnContext]);
  const authentication = authenticate(idp, exchange, intent, context);
  if ('answer' in authentication) return authentication.answer;
  return issueToken(idp, exchange, intent, context, authentication.session);
}

function authenticate(
  idp: IdentityProvider,
  exchange: Exchange,
  intent: SignInIntent,
  context: ChosenContext,
): Authentication {
  if (exchange.form.has('UserName')) return checkPassword(idp, exchange, intent, context);
  if (exchange.form.has('VerificationCode')) return checkCode(idp, exchange, intent);
  const session = currentSession(idp, exchange);
  const noPassive = () => answerStatus(idp, intent, 'MSIS7012', [status.responder, status.noPassive]);
  if (session === undefined || intent.forceAuthn) {
    return { answer: intent.isPassive ? noPassive() : askPassword(idp, intent) };
  }
  if (!context.needsSecondFactor || session.hasSecondFactor) return { session };
  return { answer: intent.isPassive ? noPassive() : askCode(idp, intent, session) };
}

function checkPassword(
  idp: IdentityProvider,
  exchange: Exchange,
  intent: SignInIntent,
  context: ChosenContext,
): Authentication {
  const name = exchange.form.get('UserName') ?? '';
  const user = idp.sessions.findUser(name);
  if (!isAccepted(idp, intent, name, user, exchange.form.get('Password') ?? '', user?.password)) {
    // A locked account gets the answer of a wrong password, so that the caller does not learn which names exist.
    return { answer: askPassword(idp, intent, wrongCredentials) };
  }
  const pending = { user: user as AdfsUser, authnInstant: idp.now() };
  if (context.needsSecondFactor) return { answer: askCode(idp, intent, pending) };
  return { session: startSession(idp, exchange, pending, false) };
}

function checkCode(idp: IdentityProvider, exchange: Exchange, intent: SignInIntent): Authentication {
  const ticket = exchange.form.get('Context') ?? '';
  const pending = idp.sessions.findPending(ticket);
  if (pending === undefined) return { answer: askPassword(idp, intent, 'The sign-in took too long. Start again.') };
  idp.sessions.dropPending(ticket);
  const code = exchange.form.get('VerificationCode') ?? '';
  if (!isAccepted(idp, intent, pending.user.username, pending.user, code, oneTimeCode(idp))) {
    return { answer: askCode(idp, intent, pending, 'This code is not right.') };
  }
  return { session: startSession(idp, exchange, pending, true) };
}

function isAccepted(
  idp: IdentityProvider,
  intent: SignInIntent,
  name: string,
  user: AdfsUser | undefined,
  given: string,
  expected: string | undefined,
): boolean {
  const verdict = idp.sessions.judge(user, given, expected);
  const common = { relyingParty: intent.trust.entityId, user: name };
  if (verdict === 'accepted') {
    logEvent(idp, {
      type: 'credentials-accepted',
      eventId: 1202,
      message: 'fresh credentials were validated',
      ...common,
    });
  } else if (verdict === 'locked') {
    logEvent(idp, { type: 'lockout', eventId: 1210, message: 'the account is locked for a while', ...common });
  } else {
    logEvent(idp, { type: 'credentials-refused', eventId: 1203, message: 'fresh credentials were refused', ...common });
  }
  return verdict === 'accepted';
}

/** A new session id for each sign-in; the parties of the same person's earlier session stay on the logout list. */
function startSession(
  idp: IdentityProvider,
  exchange: Exchange,
  factor: PendingFactor,
  hasSecondFactor: boolean,
): SsoSession {
  const earlier = currentSession(idp, exchange);
  const session = idp.sessions.start(factor.user, factor.authnInstant, hasSecondFactor);
  if (earlier !== undefined) {
    if (earlier.user === factor.user) session.participants.push(...earlier.participants);
    idp.sessions.end(earlier.id);
  }
  setCookie(idp, exchange, 'MSISAuth', session.id);
  return session;
}

function askPassword(idp: IdentityProvider, intent: SignInIntent, error?: string): Answer {
  const options = {
    relyingParty: intent.trust.entityId,
    hint: idp.options.hint,
    ...(error === undefined ? {} : { error }),
  };
  return { kind: 'page', status: 200, html: loginPage(intent.target, options) };
}

function askCode(idp: IdentityProvider, intent: SignInIntent, factor: PendingFactor, error?: string): Answer {
  const ticket = idp.sessions.holdForFactor({ user: factor.user, authnInstant: factor.authnInstant });
  const target = { ...intent.target, hidden: { ...intent.target.hidden, Context: ticket } };
  const hint = `This is a sample: the code is ${oneTimeCode(idp)}.`;
  return { kind: 'page', status: 200, html: codePage(target, { hint, ...(error === undefined ? {} : { error }) }) };
}

function oneTimeCode(idp: IdentityProvider): string {
  return idp.options.oneTimeCode ?? '123456';
}

function issueToken(
  idp: IdentityProvider,
  exchange: Exchange,
  intent: SignInIntent,
  context: ChosenContext,
  session: SsoSession,
): Answer {
  const { trust } = intent;
  const known = session.participants.find((participant) => participant.relyingParty === trust.entityId);
  const fresh = nameIdFor(session.user, trust);
  const nameId = known?.nameId !== undefined && known.nameId.format === fresh?.format ? known.nameId : fresh;
  if (!satisfiesNameIdPolicy(intent.nameIdPolicy, nameId, trust)) {
    return answerStatus(idp, intent, 'MSIS7070', [status.requester, status.invalidNameIdPolicy]);
  }
  refuseLoop(idp, exchange, trust);
  const { authnInstant, hasSecondFactor, user } = session;
  const { classRef } = context;
  const { inResponseTo } = intent;
  const issuance = { ...issuerOf(idp), user, trust, authnInstant, hasSecondFactor, classRef, inResponseTo, nameId };
  const built = buildResponse(issuance);
  recordParticipant(session, trust, nameId, built.sessionIndex);
  const message = `a token was issued (${built.sessionIndex})`;
  logEvent(idp, { type: 'token-issued', eventId: 1200, message, relyingParty: trust.entityId, user: user.upn });
  return postResponse(intent, built.xml);
}

function recordParticipant(
  session: SsoSession,
  trust: RelyingPartyTrust,
  nameId: NameId | undefined,
  sessionIndex: string,
): void {
  const known = session.participants.find((participant) => participant.relyingParty === trust.entityId);
  if (known === undefined) {
    session.participants.push({ relyingParty: trust.entityId, nameId, sessionIndexes: [sessionIndex] });
  } else {
    known.nameId = nameId;
    known.sessionIndexes.push(sessionIndex);
  }
}

function refuseLoop(idp: IdentityProvider, exchange: Exchange, trust: RelyingPartyTrust): void {
  const cookie = exchange.cookies.get('MSISLoopDetectionCookie');
  const browser = cookie ?? makeToken();
  if (cookie === undefined) setCookie(idp, exchange, 'MSISLoopDetectionCookie', browser);
  if (!idp.sessions.isLooping(browser, trust.entityId)) return;
  const { signIns, windowSeconds } = idp.options.loopDetection || { signIns: 6, windowSeconds: 20 };
  const message = `the same client browser session has made '${signIns}' requests in the last '${windowSeconds}' seconds`;
  throw new AdfsError('MSIS7042', message, { relyingParty: trust.entityId });
}

/** A Response without an assertion, whose Status gives the reason. */
function answerStatus(
  idp: IdentityProvider,
  intent: SignInIntent,
  code: string,
  statusCodes: readonly string[],
): Answer {
  const { trust, inResponseTo } = intent;
  const message = statusCodes.join(' / ');
  logEvent(idp, { type: 'status-response', eventId: 321, code, message, relyingParty: trust.entityId });
  return postResponse(intent, buildStatusResponse({ ...issuerOf(idp), trust, inResponseTo, statusCodes }));
}

function postResponse(intent: SignInIntent, xml: string): Answer {
  const message = Buffer.from(xml, 'utf8').toString('base64');
  const html = postPage({
    location: intent.trust.acsUrl,
    parameter: 'SAMLResponse',
    message,
    relayState: intent.relayState,
  });
  return { kind: 'page', status: 200, html };
}
