// What arrives at the SingleLogoutService: an identity provider's LogoutRequest, or its answer to ours (Profiles §4.4).
// Nothing that is not signed has any effect.
import type { RequestFacts } from '../../audit/events.ts';
import { BrokerError, requireSaml, samlRefusal } from '../../errors.ts';
import { randomXmlId } from '../../random.ts';
import {
  type LogoutKind,
  type PostedLogoutForm,
  type ReceivedLogoutMessage,
  readPostedLogout,
} from '../../saml/logout/logout-message.ts';
import { validateLogoutRequest, type WantedLogout } from '../../saml/logout/logout-request.ts';
import { type LogoutOutcome, logoutResponseXml, validateLogoutResponse } from '../../saml/logout/logout-response.ts';
import { statusName } from '../../saml/message-header.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import { readRedirectedLogout } from '../../saml/redirect-message.ts';
import type { KnownIdp } from '../idp-metadata/idp-directory.ts';
import { pendingLoginSecret } from '../sign-in/pending-sign-in.ts';
import { endSessions, rememberLogout } from '../sign-in/session-index.ts';
import type { LogoutDeps, PendingLogout } from './logout.ts';

export interface ReceivedLogout {
  readonly message: { readonly rawQuery: string } | { readonly form: PostedLogoutForm };
  readonly browserSecret: string;
  readonly request: RequestFacts;
}

export interface LogoutEnd {
  readonly outcome: LogoutOutcome;
  readonly commandLineGoesOn: boolean;
}

/** Where to go on: back to the identity provider with our answer, or nowhere. */
export type LogoutResult = { readonly answerUrl: string } | LogoutEnd;

/** What is known of a message, for the record of its refusal. */
interface Seen {
  idp?: string;
  kind?: LogoutKind;
}

/** @throws BrokerError logout_refused, idp_unavailable, store_unavailable or audit_unavailable */
export async function receiveLogout(deps: LogoutDeps, received: ReceivedLogout): Promise<LogoutResult> {
  const seen: Seen = {};
  try {
    const { message: source } = received;
    const message = 'form' in source ? readPostedLogout(source.form) : readRedirectedLogout(source.rawQuery);
    seen.kind = message.kind;
    const take = message.kind === 'LogoutRequest' ? answerLogoutRequest : takeLogoutResponse;
    return await take(deps, message, received, seen);
  } catch (error) {
    await recordLogoutRefusal(deps, received.request, error, seen);
    throw translated(error);
  }
}

/** @throws BrokerError audit_unavailable */
export async function recordLogoutRefusal(
  { audit }: Pick<LogoutDeps, 'audit'>,
  request: RequestFacts,
  error: unknown,
  { idp, kind }: Seen = {},
): Promise<void> {
  const known = error instanceof BrokerError ? error : undefined;
  const detail = known?.message ?? 'unexpected error';
  const code = known?.code === 'saml_refused' ? 'logout_refused' : (known?.code ?? 'internal');
  await audit.record({ event: 'logout_refused', idp, message: kind, code, reason: known?.reason, detail }, request);
}

// The public text of a refused sign-in would say the wrong thing.
function translated(error: unknown): unknown {
  if (!(error instanceof BrokerError) || error.code !== 'saml_refused') return error;
  const { reason, details, message } = error;
  return new BrokerError('logout_refused', message, { ...(reason && { reason }), details, cause: error });
}

async function answerLogoutRequest(
  deps: LogoutDeps,
  message: ReceivedLogoutMessage,
  { request }: ReceivedLogout,
  seen: Seen,
): Promise<LogoutResult> {
  const known = findIssuer(deps, message.claimedIssuer);
  const idp = known.config.id;
  seen.idp = idp;
  const now = deps.clock.now();
  const wanted = validateLogoutRequest(verified(message, known), expectations(deps, known), now);
  const ttlMs = wanted.expiresAt.getTime() - now.getTime();
  const isFirst = await deps.logouts.claim(JSON.stringify([known.metadata.entityId, wanted.id]), ttlMs);
  requireSaml(isFirst, 'replay', 'this LogoutRequest was used before');
  const { nameId, sessionIndexes, issueInstant } = wanted;
  const scope = { idp, nameId, sessionIndexes };
  await rememberLogout(deps.sessionIndex, scope, { issueInstant, ttlMs });
  const sessionsEnded = await endSessions(deps.sessionIndex, scope);
  const grantsEnded = await deps.grants.endOfLogout(scope);
  const facts = { idp, nameId: nameId.value, logoutRequestId: wanted.id, sessionsEnded, grantsEnded };
  await deps.audit.record({ event: 'logout_requested', ...facts }, request);
  const answerUrl = logoutAnswer(deps, known, wanted, message.relayState);
  return answerUrl === undefined ? { outcome: 'complete', commandLineGoesOn: false } : { answerUrl };
}

// The Issuer is not verified yet. It only says whose keys and rules are to be applied, all of them.
function findIssuer({ idps }: LogoutDeps, issuer: string | undefined): KnownIdp {
  const candidate = idps.list().find(({ id }) => issuer !== undefined && idps.metadataOf(id)?.entityId === issuer);
  if (!candidate) throw samlRefusal('issuer', 'Issuer is no identity provider of ours');
  return idps.find(candidate.id);
}

function verified(message: ReceivedLogoutMessage, { metadata }: KnownIdp) {
  return message.verified(metadata.signingCertificates);
}

function expectations({ serviceProvider }: LogoutDeps, { config, metadata }: KnownIdp) {
  const { entityId } = metadata;
  return { idp: { entityId }, sloUrl: serviceProvider.sloUrl, clockSkewMs: config.clockSkewMs };
}

/** Signed, by Redirect. Undefined where there is no key to sign with or no address that takes it. */
function logoutAnswer(
  { serviceProvider, clock, random }: LogoutDeps,
  { metadata }: KnownIdp,
  { id }: WantedLogout,
  relayState: string | undefined,
): string | undefined {
  const { entityId, signingKey } = serviceProvider;
  const destination = metadata.sloResponseUrl;
  if (destination === undefined || !signingKey) return undefined;
  const xml = logoutResponseXml({
    ...{ id: randomXmlId(random), issueInstant: clock.now(), destination, issuer: entityId, inResponseTo: id },
  });
  const echoed = isOpaque(relayState) ? relayState : undefined;
  return redirectUrl({ destination, parameter: 'SAMLResponse', xml, relayState: echoed, signingKey });
}

// Bindings §3.4.3, §3.5.3: the answer carries the RelayState as it came, and it is 80 bytes at most.
function isOpaque(relayState: string | undefined): boolean {
  return relayState !== undefined && Buffer.byteLength(relayState) <= 80 && !/[\p{Cc}\p{Cs}]/u.test(relayState);
}

async function takeLogoutResponse(
  deps: LogoutDeps,
  message: ReceivedLogoutMessage,
  { browserSecret, request }: ReceivedLogout,
  seen: Seen,
): Promise<LogoutResult> {
  const secret = pendingLoginSecret(browserSecret, message.relayState ?? '');
  // Sealed by us: what opens is a PendingLogout.
  const pending = (await deps.logouts.peek(secret)) as PendingLogout | undefined;
  if (!pending) throw samlRefusal('correlation', 'this browser has no pending logout for this RelayState');
  const { idp, user, requestId, commandLineGoesOn } = pending;
  seen.idp = idp;
  const known = deps.idps.find(idp);
  const expected = { ...expectations(deps, known), inResponseTo: requestId };
  const { outcome, status } = validateLogoutResponse(verified(message, known), expected, deps.clock.now());
  const taken = await deps.logouts.take(secret);
  requireSaml(taken !== undefined, 'replay', 'this pending logout was answered before');
  await deps.audit.record({ event: 'logout_answered', idp, user, outcome, status: statusName(status.code) }, request);
  return { outcome, commandLineGoesOn };
}
