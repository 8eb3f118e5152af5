// Which path and parameters lead to which protocol step.

import { readAuthnRequest } from './authn-request.ts';
import { AdfsError } from './errors.ts';
import type { Answer, Exchange } from './http.ts';
import { currentSession, type IdentityProvider, logEvent } from './identity-provider.ts';
import { acceptLogoutResponse, answerLogoutRequest, startLogout } from './logout.ts';
import { buildMetadata } from './metadata.ts';
import { samlp } from './names.ts';
import { type FormTarget, partyListPage } from './pages.ts';
import { parseRawQuery, type RawQuery } from './redirect-binding.ts';
import { type MessageSource, readSamlMessage, type SamlMessage } from './saml-message.ts';
import { signIn } from './sign-in.ts';

/** Path of the federation metadata. */
export const metadataPath = '/FederationMetadata/2007-06/FederationMetadata.xml';

/**
 * Answers one request.
 *
 * @throws AdfsError for everything that ends on the error page
 */
export function route(idp: IdentityProvider, exchange: Exchange): Answer {
  // IIS paths do not depend on case.
  const path = exchange.path.toLowerCase().replace(/\/$/, '');
  if (path === metadataPath.toLowerCase()) return { kind: 'xml', xml: buildMetadata(idp) };
  if (path === '/adfs/ls') return federationPassive(idp, exchange);
  if (path === '/adfs/ls/idpinitiatedsignon.aspx' || path === '/adfs/ls/idpinitiatedsignon') {
    return signInWithoutRequest(idp, exchange);
  }
  if (path === '') return { kind: 'redirect', location: '/adfs/ls/idpinitiatedsignon.aspx' };
  throw new AdfsError('MSIS7065', `there are no registered protocol handlers on path ${exchange.path}`);
}

function federationPassive(idp: IdentityProvider, exchange: Exchange): Answer {
  const action = exchange.query.get('wa');
  if (action === 'wsignout1.0' || action === 'wsignoutcleanup1.0') return startLogout(idp, exchange);
  const source = findMessage(exchange);
  if (source === undefined) {
    throw new AdfsError('MSIS7065', 'there are no registered protocol handlers on path /adfs/ls/ for this request');
  }
  const message = readSamlMessage(source, { trusts: idp.trusts, destination: idp.ssoUrl });
  const kind = message.root.namespace === samlp ? message.root.name : '';
  if (kind === 'LogoutRequest') return answerLogoutRequest(idp, exchange, message);
  if (kind === 'LogoutResponse') return acceptLogoutResponse(idp, message);
  return signInByRequest(idp, exchange, message);
}

function findMessage(exchange: Exchange): MessageSource | undefined {
  const query = readQuery(exchange.rawQuery);
  for (const parameter of ['SAMLRequest', 'SAMLResponse'] as const) {
    const values = exchange.form.getAll(parameter);
    if (values.length > 1) throw new AdfsError('MSIS7012', `${parameter} comes twice in the form`);
    const value = values[0];
    if (value !== undefined) {
      return { binding: 'POST', value, relayState: exchange.form.get('RelayState') ?? undefined };
    }
    if (query.has(parameter)) return { binding: 'Redirect', query, parameter };
  }
  return undefined;
}

function readQuery(rawQuery: string): RawQuery {
  try {
    return parseRawQuery(rawQuery);
  } catch (cause) {
    throw new AdfsError('MSIS7012', 'the query is ambiguous', { cause });
  }
}

function signInByRequest(idp: IdentityProvider, exchange: Exchange, message: SamlMessage): Answer {
  const { id, ...wishes } = readAuthnRequest(message);
  const { trust, relayState } = message;
  if (!exchange.form.has('UserName') && !exchange.form.has('VerificationCode')) {
    logEvent(idp, { type: 'authn-request', eventId: 1000, message: `request ${id}`, relyingParty: trust.entityId });
  }
  return signIn(idp, exchange, { ...wishes, trust, relayState, inResponseTo: id, target: formTarget(exchange) });
}

/** The form comes back with the request it belongs to: in the raw query, or as the fields that were posted. */
function formTarget(exchange: Exchange): FormTarget {
  const hidden: Record<string, string> = {};
  for (const name of ['SAMLRequest', 'RelayState']) {
    const value = exchange.form.get(name);
    if (value !== null) hidden[name] = value;
  }
  const isPosted = 'SAMLRequest' in hidden;
  return { action: isPosted ? '/adfs/ls/' : `/adfs/ls/?${exchange.rawQuery}`, hidden: isPosted ? hidden : {} };
}

function signInWithoutRequest(idp: IdentityProvider, exchange: Exchange): Answer {
  const { relyingParty, relayState } = readIdpInitiatedTarget(exchange.query);
  if (relyingParty === undefined) {
    const user = currentSession(idp, exchange)?.user.displayName;
    const parties = idp.trusts.map((trust) => trust.entityId);
    return { kind: 'page', status: 200, html: partyListPage(parties, user) };
  }
  const trust = idp.trusts.find((candidate) => candidate.entityId === relyingParty);
  if (trust === undefined) {
    const message = `MSIS3020: there is no relying party trust with identifier '${relyingParty}'`;
    throw new AdfsError('MSIS7012', message, { eventId: 184, relyingParty });
  }
  return signIn(idp, exchange, {
    trust,
    relayState,
    inResponseTo: undefined,
    forceAuthn: false,
    isPassive: false,
    nameIdPolicy: { format: undefined, spNameQualifier: undefined },
    requestedContext: undefined,
    target: { action: `/adfs/ls/idpinitiatedsignon.aspx?${exchange.rawQuery}`, hidden: {} },
  });
}

/** `loginToRp` names the party; RelayState may carry `RPID=…&RelayState=…`, both escaped once more inside. */
function readIdpInitiatedTarget(query: URLSearchParams): {
  relyingParty: string | undefined;
  relayState: string | undefined;
} {
  const nested = new URLSearchParams(query.get('RelayState') ?? '');
  const relyingParty = query.get('loginToRp') ?? nested.get('RPID') ?? undefined;
  const rpid = nested.get('RPID');
  const belongs = rpid === null || rpid === relyingParty;
  return { relyingParty, relayState: belongs ? (nested.get('RelayState') ?? undefined) : undefined };
}
