// The Query protocol of STS: finds the operation (T1), verifies the signature where one is due (T8-T12), checks members
// (T2-T4), runs it, renders the answer, records the event.
import { getAccessKeyInfo } from './access-key-info.ts';
import { assumeRole } from './assume-role.ts';
import { assumeRoleWithSaml } from './assume-role-with-saml.ts';
import { decodeAuthorizationMessage } from './decode-authorization-message.ts';
import { AwsError } from './errors.ts';
import { type EventDraft, identityOf, newDraft } from './events.ts';
import { getFederationToken } from './federation-token.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { checkMembers } from './members.ts';
import type { Operation } from './operation.ts';
import { headerOf, type ReceivedRequest } from './received-request.ts';
import type { Reply } from './reply.ts';
import { getSessionToken } from './session-token.ts';
import { verifySignature } from './sigv4.ts';
import { assumeRoleWithWebIdentity } from './web-identity.ts';
import { recordCall, type World } from './world.ts';
import { type AnswerMembers, renderAnswer, renderError } from './xml.ts';

const OPERATIONS: readonly Operation[] = [
  assumeRole,
  assumeRoleWithSaml,
  assumeRoleWithWebIdentity,
  decodeAuthorizationMessage,
  getAccessKeyInfo,
  getCallerIdentity,
  getFederationToken,
  getSessionToken,
];
const VERSION = '2011-06-15';

/** Answers one STS request; a refusal is an answer too. */
export async function answerQuery(world: World, request: ReceivedRequest): Promise<Reply> {
  const draft = newDraft();
  const action = request.params.get('Action') ?? 'Unknown';
  try {
    const members = await runOperation(world, request, draft);
    recordCall(world, request, { source: 'sts.amazonaws.com', name: action, draft });
    return stsReply(request, 200, renderAnswer(action, members, request.id, wantsJson(request)));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { source: 'sts.amazonaws.com', name: action, draft, error });
    return stsError(request, error);
  }
}

/** An error in the form STS gives it. */
export function stsError(request: ReceivedRequest, error: AwsError): Reply {
  return stsReply(request, error.status, renderError(error, request.id, wantsJson(request)));
}

async function runOperation(world: World, request: ReceivedRequest, draft: EventDraft): Promise<AnswerMembers> {
  const operation = findOperation(request);
  if (request.repeated.length > 0) {
    throw new AwsError(400, 'MalformedInput', `Parameter ${request.repeated.join(', ')} was sent more than once`);
  }
  for (const member of operation.shownMembers) {
    const value = request.params.get(member);
    const name = member.charAt(0).toLowerCase() + member.slice(1);
    if (value !== undefined) draft.requestParameters[name] = value.slice(0, 2048);
  }
  const caller = operation.isSigned ? verifySignature(world, request, 'sts') : undefined;
  if (caller !== undefined) {
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
  }
  const account = caller?.principal.accountId ?? request.params.get('RoleArn')?.split(':')[4] ?? '';
  world.countRequest(`${request.host.region}:${account.slice(0, 12)}`, request.now);
  checkMembers(request.params, operation.members);
  return operation.run(world, { request, params: request.params, caller, draft });
}

/** T1. */
function findOperation(request: ReceivedRequest): Operation {
  const action = request.params.get('Action');
  if (action === undefined || action === '') {
    throw new AwsError(400, 'MissingAction', 'The request must contain the parameter Action');
  }
  const version = request.params.get('Version');
  const operation = OPERATIONS.find((candidate) => candidate.name === action);
  if (operation !== undefined && version === VERSION) return operation;
  throw new AwsError(
    400,
    'InvalidAction',
    `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
  );
}

function wantsJson(request: ReceivedRequest): boolean {
  return /^application\/json\b/.test(headerOf(request, 'accept') ?? '');
}

function stsReply(request: ReceivedRequest, status: number, content: { contentType: string; body: string }): Reply {
  const headers = {
    'content-type': content.contentType,
    'x-amzn-requestid': request.id,
    'x-amz-sts-extended-request-id': Buffer.from(request.id).toString('base64'),
  };
  return { status, headers, body: content.body };
}
