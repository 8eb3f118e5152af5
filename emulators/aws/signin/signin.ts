// The federation endpoint of the sign-in service: getSigninToken and login, rows F1 to F8 and F12.

import { identityOf, newDraft } from '../events.ts';
import { isRecord } from '../policy/policy-values.ts';
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { equalSecrets, type Principal, type TemporaryCredentials } from '../sts/credentials.ts';
import { findCredentials, recordCall, type World } from '../world.ts';
import { messagePage } from '../xml/html.ts';
import { consoleLocation, enterConsole } from './console-page.ts';
import type { SigninGrant } from './signin-tokens.ts';

const MAX_REQUEST_LINE_BYTES = 8192;
/** Credentials that may open a console at all (F2). */
const CONSOLE_KINDS: readonly Principal['kind'][] = [
  'saml',
  'web-identity',
  'assumed-by-user',
  'assumed-by-role',
  'service',
  'federated-user',
];
/** Credentials whose console session may be longer than they are (F3). */
const DURATION_KINDS: readonly Principal['kind'][] = ['saml', 'web-identity', 'assumed-by-user'];

/** Answers /federation, GET or POST. */
export function answerFederation(world: World, request: ReceivedRequest): Reply {
  const line = `${request.method} ${request.target} HTTP/1.1`;
  // F4: what does not fit a request line has to be posted.
  if (request.method === 'GET' && Buffer.byteLength(line) > MAX_REQUEST_LINE_BYTES) {
    return messagePage(414, 'URI Too Long', 'The request line is too long. Use POST.');
  }
  const action = request.repeated.length === 0 ? request.params.get('Action') : undefined;
  if (action === 'getSigninToken') return answerGetSigninToken(world, request);
  if (action === 'login') return answerLogin(world, request);
  return messagePage(400, 'Bad request', 'Action must be getSigninToken or login.');
}

/** F1 to F3. */
function answerGetSigninToken(world: World, request: ReceivedRequest): Reply {
  const draft = newDraft();
  const record = (error?: { code: string; message: string }): void =>
    recordCall(world, request, { source: 'signin.amazonaws.com', name: 'GetSigninToken', draft, error });
  const credentials = readSession(world, request.params.get('Session'), request.now);
  const duration = readDuration(request.params.get('SessionDuration'), credentials);
  if (credentials === undefined || duration === 'refused') {
    const message = 'Invalid credentials parameter';
    record({ code: 'InvalidParameter', message });
    return messagePage(400, message, message);
  }
  const grant = { credentials, sessionSeconds: duration, realm: request.host.realm };
  const token = world.signinTokens.issue(grant, request.now);
  draft.userIdentity = identityOf(credentials);
  draft.recipientAccountId = credentials.principal.accountId;
  draft.requestParameters = duration === undefined ? {} : { sessionDuration: duration };
  draft.responseElements = { GetSigninToken: 'Success' };
  record();
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status: 200, headers, body: JSON.stringify({ SigninToken: token }) };
}

/** F2: the three members have to belong to one set of live temporary credentials of a kind that has a console. */
function readSession(world: World, text: string | undefined, now: Date): TemporaryCredentials | undefined {
  const session = parseJson(text ?? '');
  if (!isRecord(session)) return undefined;
  const { sessionId, sessionKey, sessionToken } = session;
  if (typeof sessionId !== 'string' || typeof sessionKey !== 'string' || typeof sessionToken !== 'string') {
    return undefined;
  }
  // Through the estate: credentials whose user or role is gone open nothing.
  const credentials = findCredentials(world, sessionId) && world.credentials.find(sessionId);
  const isGenuine =
    credentials !== undefined &&
    equalSecrets(credentials.secretAccessKey, sessionKey) &&
    equalSecrets(credentials.sessionToken, sessionToken);
  if (!isGenuine || credentials.expiresAt.getTime() <= now.getTime()) return undefined;
  return CONSOLE_KINDS.includes(credentials.principal.kind) ? credentials : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** F3. */
function readDuration(
  text: string | undefined,
  credentials: TemporaryCredentials | undefined,
): number | undefined | 'refused' {
  if (text === undefined) return undefined;
  const seconds = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  const isKindAllowed = credentials !== undefined && DURATION_KINDS.includes(credentials.principal.kind);
  return isKindAllowed && seconds >= 900 && seconds <= 43_200 ? seconds : 'refused';
}

/** F5 to F8, F12. */
function answerLogin(world: World, request: ReceivedRequest): Reply {
  const { partition } = world.estate();
  const grant = world.signinTokens.redeem(request.params.get('SigninToken') ?? '', request.host.realm, request.now);
  if (grant === undefined) {
    const message = 'The credentials in your login link were invalid. Please contact your administrator.';
    recordLogin(world, request, undefined, { code: 'InvalidSigninToken', message });
    return messagePage(400, 'Sign-in failed', message);
  }
  const location = consoleLocation(request.params.get('Destination') ?? '', partition, request.host.region);
  if (location === undefined) {
    const message = 'The Destination is missing or is not a console address.';
    recordLogin(world, request, grant, { code: 'InvalidDestination', message });
    return messagePage(400, 'Sign-in failed', message);
  }
  const { principal } = grant.credentials;
  const expiresAt =
    grant.sessionSeconds === undefined
      ? grant.credentials.expiresAt
      : new Date(request.now.getTime() + grant.sessionSeconds * 1000);
  const identity = { principal, expiresAt, issuer: request.params.get('Issuer') };
  const { reply, refusal } = enterConsole(world, request, identity, location);
  recordLogin(world, request, grant, refusal === undefined ? undefined : { code: refusal, message: 'Failure' });
  return reply;
}

/** F13: for federated people MFAUsed is always No, whatever the identity provider asked of them. */
function recordLogin(
  world: World,
  request: ReceivedRequest,
  grant: SigninGrant | undefined,
  error: { code: string; message: string } | undefined,
): void {
  const draft = newDraft();
  if (grant !== undefined) {
    draft.userIdentity = identityOf(grant.credentials);
    draft.recipientAccountId = grant.credentials.principal.accountId;
  }
  draft.responseElements = { ConsoleLogin: 'Success' };
  draft.additionalEventData = { MFAUsed: 'No', LoginTo: request.params.get('Destination') ?? '' };
  recordCall(world, request, { source: 'signin.amazonaws.com', name: 'ConsoleLogin', draft, error });
}
