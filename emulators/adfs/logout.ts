// SAML single logout: ends the session, asks the other parties one after the other, then answers who began.

import { AdfsError } from './errors.ts';
import type { Answer, Exchange } from './http.ts';
import { currentSession, type IdentityProvider, logEvent, setCookie } from './identity-provider.ts';
import { consentUnspecified, saml, samlp, status } from './names.ts';
import { postPage, signedOutPage } from './pages.ts';
import { buildRedirectUrl } from './redirect-binding.ts';
import { makeId, statusElement } from './response.ts';
import type { SamlMessage } from './saml-message.ts';
import type { Participant, PendingLogout, SsoSession } from './sessions.ts';
import { signElement } from './signing.ts';
import type { RelyingPartyTrust } from './types.ts';
import { childOf, childrenOf, escapeXml, type XmlElement } from './xml.ts';

const requestSeconds = 5 * 60;

/** Logout that begins here (`wa=wsignout1.0`). */
export function startLogout(idp: IdentityProvider, exchange: Exchange): Answer {
  const session = currentSession(idp, exchange);
  if (session !== undefined) endSession(idp, exchange, session);
  const remaining = session?.participants ?? [];
  return continueLogout(idp, { initiator: undefined, awaiting: undefined, remaining, isComplete: true });
}

/**
 * Answers a LogoutRequest of a relying party.
 *
 * @throws AdfsError MSIS7074 unsigned, MSIS7012 expired or nowhere to answer
 */
export function answerLogoutRequest(idp: IdentityProvider, exchange: Exchange, message: SamlMessage): Answer {
  const { trust, root, relayState } = message;
  const relyingParty = trust.entityId;
  if (!message.isSigned) {
    throw new AdfsError('MSIS7074', 'the SAML logout request is not signed', { eventId: 303, relyingParty });
  }
  if (trust.sloUrl === undefined) throw new AdfsError('MSIS7012', 'the trust has no logout endpoint', { relyingParty });
  const notOnOrAfter = root.attributes.get('NotOnOrAfter');
  // Core §3.7.1: a request past its NotOnOrAfter is no longer to be acted on.
  if (notOnOrAfter !== undefined && !(idp.now().getTime() < Date.parse(notOnOrAfter))) {
    throw new AdfsError('MSIS7012', 'the SAML logout request has expired', { relyingParty });
  }
  logEvent(idp, { type: 'logout-request', eventId: 1206, message: `logout request ${message.id}`, relyingParty });
  const session = currentSession(idp, exchange);
  const asking = session?.participants.find((participant) => isNamed(root, participant, trust));
  if (session === undefined || asking === undefined) {
    const text = 'the SAML single logout request does not correspond to the logged-in session participant';
    logEvent(idp, { type: 'error', eventId: 368, message: text, relyingParty });
    return sendLogoutResponse(idp, trust, message.id, relayState, [status.requester]);
  }
  endSession(idp, exchange, session);
  const remaining = session.participants.filter((participant) => participant !== asking);
  const initiator = { relyingParty, requestId: message.id, relayState };
  return continueLogout(idp, { initiator, awaiting: undefined, remaining, isComplete: true });
}

/**
 * Takes a relying party's LogoutResponse and goes on to the next party.
 *
 * @throws AdfsError MSIS7012 when nothing waits for it
 */
export function acceptLogoutResponse(idp: IdentityProvider, message: SamlMessage): Answer {
  const relyingParty = message.trust.entityId;
  const logout = idp.sessions.takeLogout(message.root.attributes.get('InResponseTo') ?? '', relyingParty);
  if (logout === undefined) {
    throw new AdfsError('MSIS7012', 'no logout waits for this response', { relyingParty });
  }
  const statusCode = childOf(childOf(message.root, samlp, 'Status') ?? message.root, samlp, 'StatusCode');
  const succeeded = message.isSigned && statusCode?.attributes.get('Value') === status.success;
  const text = succeeded ? 'the party signed out' : 'the party did not confirm the sign-out';
  logEvent(idp, { type: 'logout-response', eventId: 1206, message: text, relyingParty });
  return continueLogout(idp, { ...logout, isComplete: logout.isComplete && succeeded });
}

/** Exact NameID with its qualifiers, and a SessionIndex that was issued; anything else is event 368. */
function isNamed(request: XmlElement, participant: Participant, trust: RelyingPartyTrust): boolean {
  const nameId = childOf(request, saml, 'NameID');
  const indexes = childrenOf(request, samlp, 'SessionIndex').map((element) => element.text.trim());
  const matchesName =
    nameId !== undefined &&
    participant.nameId !== undefined &&
    nameId.text === participant.nameId.value &&
    nameId.attributes.get('Format') === participant.nameId.format &&
    !nameId.attributes.has('NameQualifier') &&
    !nameId.attributes.has('SPNameQualifier');
  const matchesIndex = indexes.length > 0 && indexes.every((index) => participant.sessionIndexes.includes(index));
  return participant.relyingParty === trust.entityId && matchesName && matchesIndex;
}

function endSession(idp: IdentityProvider, exchange: Exchange, session: SsoSession): void {
  idp.sessions.end(session.id);
  setCookie(idp, exchange, 'MSISAuth', '');
  logEvent(idp, { type: 'signed-out', eventId: 1206, message: 'the session has ended', user: session.user.upn });
}

function continueLogout(idp: IdentityProvider, logout: PendingLogout): Answer {
  let { isComplete } = logout;
  for (const [index, participant] of logout.remaining.entries()) {
    const trust = idp.trusts.find((candidate) => candidate.entityId === participant.relyingParty);
    if (trust?.sloUrl !== undefined && participant.nameId !== undefined) {
      const remaining = logout.remaining.slice(index + 1);
      return sendLogoutRequest(idp, trust, participant, { ...logout, isComplete, remaining });
    }
    isComplete = false;
  }
  const { initiator } = logout;
  const trust = idp.trusts.find((candidate) => candidate.entityId === initiator?.relyingParty);
  if (initiator === undefined || trust === undefined) {
    return { kind: 'page', status: 200, html: signedOutPage(isComplete) };
  }
  // Core §3.7.3.2: who began is told when some party could not be reached.
  const codes = isComplete ? [status.success] : [status.success, status.partialLogout];
  return sendLogoutResponse(idp, trust, initiator.requestId, initiator.relayState, codes);
}

function sendLogoutRequest(
  idp: IdentityProvider,
  trust: RelyingPartyTrust,
  participant: Participant,
  logout: PendingLogout,
): Answer {
  const id = makeId();
  idp.sessions.holdLogout(id, { ...logout, awaiting: trust.entityId });
  const notOnOrAfter = new Date(idp.now().getTime() + requestSeconds * 1000).toISOString();
  const nameId = `<NameID Format="${participant.nameId?.format}" xmlns="${saml}">${escapeXml(participant.nameId?.value ?? '')}</NameID>`;
  const indexes = participant.sessionIndexes.map(
    (index) => `<samlp:SessionIndex>${escapeXml(index)}</samlp:SessionIndex>`,
  );
  const header = messageHeader(idp, trust, id);
  const xml =
    `<samlp:LogoutRequest ${header} NotOnOrAfter="${notOnOrAfter}" xmlns:samlp="${samlp}">` +
    `${issuerElement(idp)}${nameId}${indexes.join('')}</samlp:LogoutRequest>`;
  logEvent(idp, { type: 'logout-request', eventId: 1206, message: `sent ${id}`, relyingParty: trust.entityId });
  return send(idp, trust, { parameter: 'SAMLRequest', id, xml, relayState: undefined });
}

function sendLogoutResponse(
  idp: IdentityProvider,
  trust: RelyingPartyTrust,
  inResponseTo: string,
  relayState: string | undefined,
  codes: readonly string[],
): Answer {
  const id = makeId();
  const xml =
    `<samlp:LogoutResponse ${messageHeader(idp, trust, id)} InResponseTo="${escapeXml(inResponseTo)}" ` +
    `xmlns:samlp="${samlp}">${issuerElement(idp)}${statusElement(codes)}</samlp:LogoutResponse>`;
  return send(idp, trust, { parameter: 'SAMLResponse', id, xml, relayState });
}

function messageHeader(idp: IdentityProvider, trust: RelyingPartyTrust, id: string): string {
  return (
    `ID="${id}" Version="2.0" IssueInstant="${idp.now().toISOString()}" ` +
    `Destination="${escapeXml(trust.sloUrl ?? '')}" Consent="${consentUnspecified}"`
  );
}

function issuerElement(idp: IdentityProvider): string {
  return `<Issuer xmlns="${saml}">${escapeXml(idp.entityId)}</Issuer>`;
}

/** Sends a signed message to the trust's logout endpoint, by its binding. */
function send(
  idp: IdentityProvider,
  trust: RelyingPartyTrust,
  message: { parameter: 'SAMLRequest' | 'SAMLResponse'; id: string; xml: string; relayState: string | undefined },
): Answer {
  const { parameter, id, xml, relayState } = message;
  const location = trust.sloUrl ?? '';
  const algorithm = trust.signatureAlgorithm ?? 'rsa-sha256';
  if (trust.sloBinding !== 'POST') {
    const key = idp.signing.key;
    return { kind: 'redirect', location: buildRedirectUrl({ location, parameter, xml, relayState, key, algorithm }) };
  }
  const signed = signElement(xml, { id, key: idp.signing, algorithm });
  const encoded = Buffer.from(signed, 'utf8').toString('base64');
  return { kind: 'page', status: 200, html: postPage({ location, parameter, message: encoded, relayState }) };
}
