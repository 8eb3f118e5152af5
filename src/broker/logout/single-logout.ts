// Messages at the SingleLogoutService: an identity provider's LogoutRequest, or its LogoutResponse (Profiles §4.4).
// An unsigned message has no effect.
import type { RequestFacts } from '../../audit/events.ts';
import { BrokerError, requireSaml, samlRefusal } from '../../errors.ts';
import { quoted } from '../../quoted.ts';
import { randomXmlId } from '../../random.ts';
import {
  type LogoutKind,
  type PostedLogoutForm,
  type ReceivedLogoutMessage,
  readPostedLogout,
} from '../../saml/logout/logout-message.ts';
import { validateLogoutRequest } from '../../saml/logout/logout-request.ts';
import { type LogoutOutcome, logoutResponseXml, validateLogoutResponse } from '../../saml/logout/logout-response.ts';
import { statusName } from '../../saml/message-header.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import { readRedirectedLogout } from '../../saml/redirect-message.ts';
import type { NameId } from '../../saml/subject.ts';
import { isUnknownKey } from '../../saml/xml/verify-signature.ts';
import type { XmlElement } from '../../saml/xml/xml-tree.ts';
import { usedBeforeDetail } from '../../store/one-time.ts';
import type { IdpEntry } from '../idp-metadata/idp-directory.ts';
import { refusalFacts } from '../sign-in/open-session.ts';
import { pendingSecret } from '../sign-in/pending-sign-in.ts';
import type { LogoutDeps } from './logout.ts';

export interface LogoutArrival {
  readonly message: { readonly rawQuery: string } | { readonly form: PostedLogoutForm };
  readonly browserSecret: string;
  readonly request: RequestFacts;
}

interface LogoutEnd {
  readonly outcome: LogoutOutcome;
  readonly commandLineGoesOn: boolean;
}

/** Where to go on: back to the identity provider with our answer, or nowhere. */
type LogoutResult = { readonly answerUrl: string } | LogoutEnd;

export interface SingleLogout {
  /** @throws BrokerError logout_refused, idp_unavailable, store_unavailable or audit_unavailable */
  receive(arrival: LogoutArrival): Promise<LogoutResult>;
  /** Of a message that was refused before it could be read. @throws BrokerError audit_unavailable */
  recordRefusal(request: RequestFacts, error: unknown): Promise<void>;
}

/** The known facts of a message, for the record of its refusal. */
interface MessageFacts {
  idp?: string;
  kind?: LogoutKind;
}

export function createSingleLogout(deps: LogoutDeps): SingleLogout {
  const recordRefusal = async (request: RequestFacts, error: unknown, { idp, kind }: MessageFacts = {}) => {
    const known = error instanceof BrokerError ? error : undefined;
    const detail = known?.message ?? 'unexpected error';
    const code = known?.code === 'saml_refused' ? 'logout_refused' : (known?.code ?? 'internal');
    const event = {
      event: 'logout_refused',
      idp,
      message: kind,
      code,
      reason: known?.reason,
      detail,
      ...refusalFacts(known),
    } as const;
    await deps.audit.record(event, request);
  };
  return {
    receive: async (arrival) => {
      const facts: MessageFacts = {};
      try {
        const { message: source } = arrival;
        const message = 'form' in source ? readPostedLogout(source.form) : readRedirectedLogout(source.rawQuery);
        facts.kind = message.kind;
        const take = message.kind === 'LogoutRequest' ? answerLogoutRequest : takeLogoutResponse;
        return await take(deps, message, arrival, facts);
      } catch (error) {
        await recordRefusal(arrival.request, error, facts);
        throw translated(error);
      }
    },
    recordRefusal: (request, error) => recordRefusal(request, error),
  };
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
  { request }: LogoutArrival,
  facts: MessageFacts,
): Promise<LogoutResult> {
  const { logouts, sessionIndex, grants, audit, clock, log } = deps;
  const entry = findIssuer(deps, message.claimedIssuer);
  const idp = entry.config.id;
  facts.idp = idp;
  const now = clock.now();
  const verified = await verify(deps, message, idp);
  const wanted = validateLogoutRequest(verified, expectations(deps, entry), now);
  const { id, nameId, sessionIndexes, issueInstant } = wanted;
  const ttlMs = wanted.expiresAt.getTime() - now.getTime();
  const messageId = JSON.stringify([entry.metadata.entityId, id]);
  const mark = await logouts.findMark(messageId);
  if (mark) throw samlRefusal('replay', usedBeforeDetail('LogoutRequest', mark));
  const scope = { idp, nameId, sessionIndexes };
  await sessionIndex.rememberLogout(scope, { issueInstant, ttlMs });
  const { ended: sessionsEnded, isKnown } = await sessionIndex.end(scope);
  const grantsEnded = await grants.endOfLogout(scope);
  // Who has no session is signed out; one whose session the message did not match is not.
  const others = isKnown || grantsEnded > 0 ? [] : await sessionIndex.others(scope);
  const isDone = others.length === 0;
  if (!isDone) {
    const received = { ...shown(nameId), sessionIndexes: sessionIndexes?.map(quoted) };
    const sessions = others
      .slice(0, 5)
      .map((each) => ({ ...shown(each.nameId), sessionIndex: quoted(each.sessionIndex) }));
    log.warn({ idp, received, sessions }, 'a LogoutRequest matches no session of its NameID');
  }
  const unmatched = isDone ? {} : { unmatchedSessions: others.length };
  const ended = { idp, nameId: nameId.value, logoutRequestId: id, sessionsEnded, grantsEnded, ...unmatched };
  await audit.record({ event: 'logout_requested', ...ended }, request);
  // Last: if anything before fails, the same message still has its effect. Two at once end the same sessions.
  const isFirst = await logouts.claim(messageId, ttlMs);
  requireSaml(isFirst, 'replay', 'this LogoutRequest was used before');
  const answerUrl = await logoutAnswer(deps, entry, { inResponseTo: id, isDone }, message.relayState);
  if (answerUrl !== undefined) return { answerUrl };
  return { outcome: isDone ? 'complete' : 'failed', commandLineGoesOn: false };
}

function shown({ value, format, nameQualifier, spNameQualifier }: NameId): Record<string, string> {
  return {
    nameId: quoted(value),
    format: quoted(format),
    ...(nameQualifier === undefined ? {} : { nameQualifier: quoted(nameQualifier) }),
    ...(spNameQualifier === undefined ? {} : { spNameQualifier: quoted(spNameQualifier) }),
  };
}

/** @throws BrokerError saml_refused, or idp_unavailable */
async function verify({ idps }: LogoutDeps, message: ReceivedLogoutMessage, idp: string): Promise<XmlElement> {
  const keys = () => idps.find(idp).metadata.signingCertificates;
  try {
    return message.verified(keys());
  } catch (error) {
    if (!isUnknownKey(error) || !(await idps.reread(idp))) throw error;
    return message.verified(keys());
  }
}

// The Issuer is not verified yet. It only says whose keys and rules are to be applied, all of them.
function findIssuer({ idps }: LogoutDeps, issuer: string | undefined): IdpEntry {
  const candidate = idps.list().find(({ id }) => issuer !== undefined && idps.metadataOf(id)?.entityId === issuer);
  if (!candidate) throw samlRefusal('issuer', 'Issuer is not a configured identity provider');
  return idps.find(candidate.id);
}

function expectations({ serviceProvider }: LogoutDeps, { config, metadata }: IdpEntry) {
  const { entityId } = metadata;
  return { idp: { entityId }, sloUrl: serviceProvider.sloUrl, clockSkewMs: config.clockSkewMs };
}

/** Signed, by Redirect. Undefined without a signing key or without an address that accepts it. */
async function logoutAnswer(
  { serviceProvider, clock, random }: LogoutDeps,
  { metadata }: IdpEntry,
  answer: { readonly inResponseTo: string; readonly isDone: boolean },
  relayState: string | undefined,
): Promise<string | undefined> {
  const { entityId, signing } = serviceProvider;
  const destination = metadata.sloResponseUrl;
  if (destination === undefined || !signing) return undefined;
  const xml = logoutResponseXml({
    ...{ id: randomXmlId(random), issueInstant: clock.now(), destination, issuer: entityId, ...answer },
  });
  const echoed = isOpaque(relayState) ? relayState : undefined;
  return redirectUrl({ destination, parameter: 'SAMLResponse', xml, relayState: echoed, signer: signing.signer });
}

// Bindings §3.4.3, §3.5.3: the answer carries the RelayState as it came, and it is 80 bytes at most.
function isOpaque(relayState: string | undefined): boolean {
  return relayState !== undefined && Buffer.byteLength(relayState) <= 80 && !/[\p{Cc}\p{Cs}]/u.test(relayState);
}

async function takeLogoutResponse(
  deps: LogoutDeps,
  message: ReceivedLogoutMessage,
  { browserSecret, request }: LogoutArrival,
  facts: MessageFacts,
): Promise<LogoutResult> {
  const { idps, logouts, audit, clock } = deps;
  const secret = pendingSecret(browserSecret, message.relayState || message.claimedInResponseTo || '');
  const pending = await logouts.peek(secret);
  if (!pending) throw samlRefusal('correlation', 'this browser has no pending logout for this RelayState');
  const { idp, user, requestId, commandLineGoesOn } = pending;
  facts.idp = idp;
  const entry = idps.find(idp);
  const verified = await verify(deps, message, idp);
  const expected = { ...expectations(deps, entry), inResponseTo: requestId };
  const { outcome, status } = validateLogoutResponse(verified, expected, clock.now());
  const taken = await logouts.take(secret);
  requireSaml(taken !== undefined, 'replay', 'this pending logout was answered before');
  await audit.record({ event: 'logout_answered', idp, user, outcome, status: statusName(status.code) }, request);
  return { outcome, commandLineGoesOn };
}
