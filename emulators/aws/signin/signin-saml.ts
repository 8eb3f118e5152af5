// The browser's way in (F11): POST /saml with a SAMLResponse. The same judge as the STS call, a role chooser, the console.

import { AwsError } from '../errors.ts';
import { type EstateIndex, uniqueId } from '../estate.ts';
import { type EventDraft, identityOf, newDraft } from '../events.ts';
import { isSigninSamlUrl, partitionNames } from '../hosts.ts';
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { readRolePairs, splitRolePair } from '../saml/saml-attributes.ts';
import { decodeResponse, judgeResponse } from '../saml/saml-response.ts';
import { openSamlSession, type SamlRequest, type SamlSession } from '../saml/saml-session.ts';
import { samlPrincipal } from '../sts/assume-role-with-saml.ts';
import { recordCall, type World } from '../world.ts';
import { escapeHtml, htmlPage, messagePage } from '../xml/html.ts';
import { consoleLocation, enterConsole } from './console-page.ts';

interface RolePair {
  readonly roleArn: string;
  readonly principalArn: string;
}

const UNUSABLE = 'Your request included an invalid SAML response. To logout, click here.';
const DEFAULT_SESSION_SECONDS = 3600;

/** Answers POST /saml and POST /saml/acs/ID. */
export function answerSamlPost(world: World, request: ReceivedRequest): Reply {
  const draft = newDraft();
  const estate = world.estate();
  try {
    const pairs = readPairs(estate, request);
    const chosen = choose(pairs, request.params.get('roleArn'));
    if (chosen === undefined) return chooser(world, estate, request, pairs);
    const samlRequest = samlRequestFor(world, estate, request, { ...chosen, draft });
    const session = openSamlSession(estate, samlRequest);
    draft.recipientAccountId = session.role.account.id;
    return enter(world, estate, request, { session, draft });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { source: 'sts.amazonaws.com', name: 'AssumeRoleWithSAML', draft, error });
    return failurePage(error, request.id);
  }
}

/** The pairs as sent; they only say which provider to verify with. @throws AwsError m22 */
function readPairs(estate: EstateIndex, request: ReceivedRequest): RolePair[] {
  const encoded = request.params.get('SAMLResponse') ?? '';
  if (request.repeated.length > 0 || encoded.length > 100_000 || !isKnownPath(estate, request.path)) throw unusable();
  const { assertion } = decodeResponse(encoded, request.id);
  const pairs = readRolePairs(assertion, estate.partition).map(splitRolePair);
  if (pairs.length === 0 || pairs.includes(undefined)) throw unusable();
  return pairs.filter((pair) => pair !== undefined);
}

/** `/saml/acs/ID` exists for the ids of providers. */
function isKnownPath(estate: EstateIndex, path: string): boolean {
  return (
    path === '/saml' || [...estate.providers.keys()].some((arn) => path === `/saml/acs/${uniqueId('SAMLSP', arn)}`)
  );
}

function choose(pairs: readonly RolePair[], wanted: string | undefined): RolePair | undefined {
  if (wanted !== undefined) return pairs.find((pair) => pair.roleArn === wanted);
  return pairs.length === 1 ? pairs[0] : undefined;
}

function samlRequestFor(
  world: World,
  estate: EstateIndex,
  request: ReceivedRequest,
  pair: RolePair & { draft: EventDraft },
): SamlRequest {
  const { host } = request;
  return {
    ...pair,
    encodedResponse: request.params.get('SAMLResponse') ?? '',
    now: request.now,
    maxSkewSeconds: world.strict.maxNotBeforeSkewSeconds ?? 60,
    // Under a real name the Recipient is this very URL; under a local one, any sign-in URL of the partition.
    isRecipientAllowed: (recipient) =>
      host.kind === 'signin'
        ? recipient === `https://${host.realm}${request.path}`
        : isSigninSamlUrl(recipient, estate.partition),
    // The sign-in service makes the call, so aws:SourceIp is not the browser's address.
    sourceIp: 'signin.amazonaws.com',
    requestId: request.id,
  };
}

/** Several roles: the message is judged before anything of it is shown; the choice posts it again. */
function chooser(world: World, estate: EstateIndex, request: ReceivedRequest, pairs: readonly RolePair[]): Reply {
  const [first] = pairs;
  const provider = estate.providers.get(first?.principalArn ?? '');
  if (first === undefined || provider === undefined) throw unusable();
  const context = samlRequestFor(world, estate, request, { ...first, draft: newDraft() });
  const message = decodeResponse(context.encodedResponse, request.id);
  judgeResponse(message, { ...context, partition: estate.partition, provider });
  const choices = pairs.map(({ roleArn }, index) => {
    const account = estate.accounts.get(roleArn.split(':')[4] ?? '');
    const label = `${account?.name ?? 'Account'} (${account?.id ?? ''}): ${roleArn.split('/').at(-1)}`;
    const checked = index === 0 ? ' checked' : '';
    return `<label><input type="radio" name="roleArn" value="${escapeHtml(roleArn)}"${checked}> ${escapeHtml(label)}</label>`;
  });
  const hidden = ['SAMLResponse', 'RelayState']
    .filter((name) => request.params.has(name))
    .map((name) => `<input type="hidden" name="${name}" value="${escapeHtml(request.params.get(name) ?? '')}">`);
  const form = `<form method="post" action="${escapeHtml(request.path)}">
<fieldset><legend>Select a role</legend>
${choices.join('\n')}
</fieldset>
${hidden.join('\n')}
<button>Sign in</button>
</form>`;
  return htmlPage(200, 'Choose a role', form);
}

/** The console session: SessionDuration, or an hour, but never past SessionNotOnOrAfter. */
function enter(
  world: World,
  estate: EstateIndex,
  request: ReceivedRequest,
  entry: { session: SamlSession; draft: EventDraft },
): Reply {
  const { assertion } = entry.session;
  const wantedEnd = request.now.getTime() + (assertion.sessionDurationSeconds ?? DEFAULT_SESSION_SECONDS) * 1000;
  const expiresAt = new Date(Math.min(wantedEnd, assertion.sessionNotOnOrAfter?.getTime() ?? wantedEnd));
  const credentials = world.credentials.issue(samlPrincipal(entry.session, request.now), expiresAt);
  recordCall(world, request, {
    source: 'sts.amazonaws.com',
    name: 'AssumeRoleWithSAML',
    draft: { ...entry.draft, responseElements: { credentials: { accessKeyId: credentials.accessKeyId } } },
  });
  const region = request.host.region;
  const home = `https://${partitionNames(estate.partition).console}/`;
  const relayState = request.params.get('RelayState') ?? '';
  const location =
    consoleLocation(relayState, estate.partition, region) ??
    consoleLocation(home, estate.partition, region) ??
    '/console/home';
  const identity = { principal: credentials.principal, expiresAt, issuer: assertion.issuer };
  const { reply, refusal } = enterConsole(world, request, identity, location);
  const draft = newDraft();
  draft.userIdentity = identityOf(credentials);
  draft.recipientAccountId = credentials.principal.accountId;
  draft.responseElements = { ConsoleLogin: 'Success' };
  draft.additionalEventData = { MFAUsed: 'No', LoginTo: relayState, SamlProviderArn: entry.session.provider.arn };
  const error = refusal === undefined ? undefined : { code: refusal, message: 'Failure' };
  recordCall(world, request, { source: 'signin.amazonaws.com', name: 'ConsoleLogin', draft, error });
  return reply;
}

function unusable(): AwsError {
  return new AwsError(400, 'InvalidSamlResponse', UNUSABLE);
}

/** m22 for what cannot be used at all, the error of STS for the rest. */
function failurePage(error: AwsError, requestId: string): Reply {
  const isUnusable = error.code === 'InvalidSamlResponse' || /^(Invalid base64|NameID is required)/.test(error.message);
  if (isUnusable) {
    return htmlPage(
      400,
      'Sign-in failed',
      '<p>Your request included an invalid SAML response. To logout, <a href="/oauth?Action=logout">click here</a>.</p>',
    );
  }
  const facts = `Service: AWSSecurityTokenService; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null`;
  return messagePage(error.status, 'Sign-in failed', `${error.message} (${facts}). Please try again.`);
}
